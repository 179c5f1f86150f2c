-- +goose Up
-- Firms, contractors and volunteer teams. Contacts are persons of the vault.
CREATE TABLE firms (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    name     TEXT NOT NULL,
    kinds    TEXT NOT NULL,
    sector   TEXT NOT NULL,
    unit     TEXT NOT NULL,
    address  TEXT NOT NULL,
    person   TEXT NOT NULL,
    made_up  BOOLEAN NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX firms_sector ON firms (district, sector, id);
CREATE INDEX firms_unit ON firms (district, unit, id);
