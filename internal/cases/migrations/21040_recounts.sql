-- +goose Up
-- How far the recount after a change of calendars has come: one row a change, in
-- the same transaction as the cases it has done.
CREATE TABLE recounts (
    district TEXT NOT NULL,
    target   BIGINT NOT NULL,
    started  BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    part     TEXT NOT NULL,
    after    BIGINT NOT NULL,
    looked   BIGINT NOT NULL,
    cases    BIGINT NOT NULL,
    clocks   BIGINT NOT NULL,
    moved    BIGINT NOT NULL,
    units    TEXT NOT NULL,
    owner    TEXT NOT NULL,
    lease    BIGINT NOT NULL,
    PRIMARY KEY (district, target)
);
-- Open whistles in an order that nothing changes while they are walked through;
-- cases have cases_open.
CREATE INDEX whistles_open_doc ON whistles (district, doc) WHERE is_open = TRUE;
