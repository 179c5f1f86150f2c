-- +goose Up
CREATE TABLE layer_versions (
    district  TEXT NOT NULL,
    layer     TEXT NOT NULL,
    version   BIGINT NOT NULL,
    state     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    title     TEXT NOT NULL,
    english   TEXT NOT NULL,
    parent    TEXT NOT NULL,
    source    TEXT NOT NULL,
    licence   TEXT NOT NULL,
    made_up   BIGINT NOT NULL,
    areas     BIGINT NOT NULL,
    digest    BYTEA NOT NULL,
    findings  TEXT NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (district, layer, version)
);
CREATE INDEX layer_versions_state ON layer_versions (district, state, layer);

CREATE TABLE layer_areas (
    district TEXT NOT NULL,
    layer    TEXT NOT NULL,
    version  BIGINT NOT NULL,
    code     TEXT NOT NULL,
    name     TEXT NOT NULL,
    parent   TEXT NOT NULL,
    made_up  BIGINT NOT NULL,
    extra    TEXT NOT NULL,
    geometry BYTEA NOT NULL,
    hash     BYTEA NOT NULL,
    PRIMARY KEY (district, layer, version, code)
);
