-- +goose Up
-- Records of every kind that needs nothing but its flow table. body is the record as its last act left it; the other
-- columns are what lists find it by.
CREATE TABLE records (
    district TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    state    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    parent   TEXT NOT NULL,
    about    TEXT NOT NULL,
    tag      TEXT NOT NULL,
    title    TEXT NOT NULL,
    amount   BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    remind   BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (district, kind, id)
);
CREATE INDEX records_doc ON records (district, kind, doc);
CREATE INDEX records_state ON records (district, kind, state, doc);
CREATE INDEX records_unit ON records (district, kind, unit, doc);
CREATE INDEX records_parent ON records (district, kind, parent, doc);
CREATE INDEX records_about ON records (district, about, kind, doc);
CREATE INDEX records_tag ON records (district, kind, tag, doc);
CREATE INDEX records_due ON records (district, kind, due);
CREATE INDEX records_remind ON records (district, remind);

-- How far a node has counted deadlines anew after a change of calendars.
CREATE TABLE record_positions (
    district TEXT NOT NULL PRIMARY KEY,
    calendar BIGINT NOT NULL
);
