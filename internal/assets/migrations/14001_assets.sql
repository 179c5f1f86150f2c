-- +goose Up
-- City assets: manhole covers, lamps, bins. cx and cy are the square of about 220 m a point lies in.
CREATE TABLE assets (
    district  TEXT NOT NULL,
    id        TEXT NOT NULL,
    state     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    owner     TEXT NOT NULL,
    unit      TEXT NOT NULL,
    lon       DOUBLE PRECISION NOT NULL,
    lat       DOUBLE PRECISION NOT NULL,
    cx        BIGINT NOT NULL,
    cy        BIGINT NOT NULL,
    street    TEXT NOT NULL,
    community TEXT NOT NULL,
    grid      TEXT NOT NULL,
    address   TEXT NOT NULL,
    since     TEXT NOT NULL,
    made_up   BOOLEAN NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX assets_cell ON assets (district, cy, cx, id);
CREATE INDEX assets_unit ON assets (district, unit, id);
CREATE INDEX assets_kind ON assets (district, kind, id);
CREATE INDEX assets_state ON assets (district, state, id);
