-- +goose Up
-- How each open case and whistle stands on its ladders: at is when the next rung
-- comes, level the highest of the reporting line that was told, since the first of
-- the deadlines that went beyond the unit.
CREATE TABLE alarms (
    district TEXT NOT NULL,
    kind     TEXT NOT NULL,
    number   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    level    BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    clocks   TEXT NOT NULL,
    PRIMARY KEY (district, kind, number)
);
CREATE INDEX alarms_at ON alarms (district, at, kind, number);
CREATE INDEX alarms_escalated ON alarms (district, since, kind, number) WHERE level >= 2;

-- The ladder and the calendar that the rows were made with.
CREATE TABLE alarm_rules (
    district TEXT NOT NULL,
    rules    TEXT NOT NULL,
    PRIMARY KEY (district)
);
