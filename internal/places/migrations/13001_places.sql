-- +goose Up
-- Names of places learned from closed cases; the gazetteer of the pack is not here.
CREATE TABLE places (
    district  TEXT NOT NULL,
    id        TEXT NOT NULL,
    state     TEXT NOT NULL,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    lon       DOUBLE PRECISION NOT NULL,
    lat       DOUBLE PRECISION NOT NULL,
    into_spot TEXT NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX places_state ON places (district, state, id);
CREATE INDEX places_seq ON places (district, last_seq);

-- Which cases named an unknown place: what proposals are made of. Derived from acts of cases alone.
CREATE TABLE place_sightings (
    district TEXT NOT NULL,
    number   TEXT NOT NULL,
    place    TEXT NOT NULL,
    name     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    lon      DOUBLE PRECISION NOT NULL,
    lat      DOUBLE PRECISION NOT NULL,
    person   TEXT NOT NULL,
    closed   BOOLEAN NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX place_sightings_place ON place_sightings (district, place, closed, number);
