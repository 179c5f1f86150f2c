-- +goose Up
-- What is put right in villages, and the check of each village and quarter.
CREATE TABLE village_works (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    state    TEXT NOT NULL,
    village  TEXT NOT NULL,
    item     TEXT NOT NULL,
    rectify  TEXT NOT NULL,
    finisher TEXT NOT NULL,
    since    BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    late     BOOLEAN NOT NULL,
    again    BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX village_works_village ON village_works (district, village, doc);
CREATE INDEX village_works_state ON village_works (district, village, state);
CREATE TABLE village_checks (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    state    TEXT NOT NULL,
    village  TEXT NOT NULL,
    quarter  TEXT NOT NULL,
    checker  TEXT NOT NULL,
    unmet    TEXT NOT NULL,
    items    BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX village_checks_quarter ON village_checks (district, quarter, village);
CREATE INDEX village_checks_village ON village_checks (district, village, doc);
