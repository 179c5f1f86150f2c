-- +goose Up
-- Every calendar that was ever in force, as of the act that brought it. Rows are
-- added, never changed: old deadlines are rebuilt from them.
CREATE TABLE calendar_versions (
    district TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    name     TEXT NOT NULL,
    version  TEXT NOT NULL,
    base     TEXT NOT NULL,
    added    TEXT NOT NULL,
    spec     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    account  TEXT NOT NULL,
    action   TEXT NOT NULL,
    PRIMARY KEY (district, seq)
);
