-- +goose Up
CREATE TABLE cases (
    district   TEXT NOT NULL,
    number     TEXT NOT NULL,
    doc        BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    last_seq   BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    state      TEXT NOT NULL,
    is_open    BOOLEAN NOT NULL,
    marks      TEXT NOT NULL,
    desk       TEXT NOT NULL,
    unit       TEXT NOT NULL,
    holder     TEXT NOT NULL,
    assignee   TEXT NOT NULL,
    next_due   BIGINT NOT NULL,
    channel    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    matter     TEXT NOT NULL,
    profile    TEXT NOT NULL,
    public     BOOLEAN NOT NULL,
    title      TEXT NOT NULL,
    body       TEXT NOT NULL,
    salt       BYTEA NOT NULL,
    place      TEXT NOT NULL,
    lon        DOUBLE PRECISION NOT NULL,
    lat        DOUBLE PRECISION NOT NULL,
    located    BOOLEAN NOT NULL,
    street     TEXT NOT NULL,
    community  TEXT NOT NULL,
    grid       TEXT NOT NULL,
    person     TEXT NOT NULL,
    parent     TEXT NOT NULL,
    replied_at BIGINT NOT NULL,
    closed_at  BIGINT NOT NULL,
    rest       TEXT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX cases_holder ON cases (district, holder, is_open, next_due, number);
CREATE INDEX cases_desk ON cases (district, desk, next_due, number);
CREATE INDEX cases_due ON cases (district, is_open, next_due, number);
CREATE INDEX cases_doc ON cases (district, doc);
CREATE INDEX cases_state ON cases (district, state, doc);
CREATE INDEX cases_unit ON cases (district, unit, doc);
CREATE INDEX cases_street ON cases (district, street, doc);
CREATE INDEX cases_matter ON cases (district, matter, doc);
CREATE INDEX cases_public ON cases (district, public, doc);
CREATE INDEX cases_person ON cases (district, person);
CREATE INDEX cases_parent ON cases (district, parent);

CREATE TABLE case_units (
    district TEXT NOT NULL,
    unit     TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    number   TEXT NOT NULL,
    PRIMARY KEY (district, unit, doc, number)
);
CREATE INDEX case_units_case ON case_units (district, number);

CREATE TABLE case_external (
    district TEXT NOT NULL,
    source   TEXT NOT NULL,
    ref      TEXT NOT NULL,
    number   TEXT NOT NULL,
    PRIMARY KEY (district, source, ref)
);
