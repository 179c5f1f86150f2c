-- +goose Up
CREATE TABLE checks (
    district TEXT NOT NULL,
    number   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    state    TEXT NOT NULL,
    is_open  BOOLEAN NOT NULL,
    case_no  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    handler  TEXT NOT NULL,
    rule     TEXT NOT NULL,
    next_due BIGINT NOT NULL,
    rest     TEXT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX checks_due ON checks (district, next_due, number) WHERE is_open = TRUE;
CREATE INDEX checks_open ON checks (district, doc) WHERE is_open = TRUE;
CREATE INDEX checks_ended ON checks (district, doc) WHERE is_open = FALSE;
CREATE INDEX checks_case ON checks (district, case_no, doc);

CREATE TABLE check_units (
    district TEXT NOT NULL,
    unit     TEXT NOT NULL,
    number   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    is_open  BOOLEAN NOT NULL,
    next_due BIGINT NOT NULL,
    PRIMARY KEY (district, unit, number)
);
CREATE INDEX check_units_due ON check_units (district, unit, is_open, next_due, number);
CREATE INDEX check_units_doc ON check_units (district, unit, is_open, doc);
CREATE INDEX check_units_number ON check_units (district, number);
