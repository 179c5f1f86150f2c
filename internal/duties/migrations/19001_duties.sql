-- +goose Up
-- Versions of the dispatch rules and questions. A draft's row changes with its acts;
-- a published row never does: old cases are explained with it.
CREATE TABLE duty_versions (
    district  TEXT NOT NULL,
    number    BIGINT NOT NULL,
    state     TEXT NOT NULL,
    revision  BIGINT NOT NULL,
    based_on  BIGINT NOT NULL,
    adopted   TEXT NOT NULL,
    content   TEXT NOT NULL,
    digest    TEXT NOT NULL,
    since     TEXT NOT NULL,
    begins    BIGINT NOT NULL,
    reason    TEXT NOT NULL,
    law       TEXT NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    account   TEXT NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX duty_versions_published ON duty_versions (district, published, number);

-- Dry runs of a draft over what has happened. They are no record of the district's
-- work, so no act makes them; whoever is at one holds its lease.
CREATE TABLE duty_runs (
    district TEXT NOT NULL,
    id       BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    digest   TEXT NOT NULL,
    state    TEXT NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    account  TEXT NOT NULL,
    asked    BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    looked   BIGINT NOT NULL,
    result   TEXT NOT NULL,
    owner    TEXT NOT NULL,
    lease    BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX duty_runs_number ON duty_runs (district, number, id);
CREATE INDEX duty_runs_state ON duty_runs (district, state, id);
