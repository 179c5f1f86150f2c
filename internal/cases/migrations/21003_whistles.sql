-- +goose Up
CREATE TABLE whistles (
    district TEXT NOT NULL,
    number   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    state    TEXT NOT NULL,
    is_open  BOOLEAN NOT NULL,
    unit     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    case_no  TEXT NOT NULL,
    next_due BIGINT NOT NULL,
    rest     TEXT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX whistles_unit ON whistles (district, unit, is_open, next_due, number);
CREATE INDEX whistles_due ON whistles (district, is_open, next_due, number);
CREATE INDEX whistles_doc ON whistles (district, doc);
CREATE INDEX whistles_case ON whistles (district, case_no);

CREATE TABLE whistle_units (
    district TEXT NOT NULL,
    unit     TEXT NOT NULL,
    number   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    waits    BOOLEAN NOT NULL,
    next_due BIGINT NOT NULL,
    PRIMARY KEY (district, unit, number)
);
CREATE INDEX whistle_units_waits ON whistle_units (district, unit, waits, next_due, number);
CREATE INDEX whistle_units_doc ON whistle_units (district, unit, doc);
