-- +goose Up
CREATE TABLE accounts (
    district     TEXT NOT NULL,
    id           TEXT NOT NULL,
    login        TEXT NOT NULL,
    name         TEXT NOT NULL,
    unit         TEXT NOT NULL,
    post         TEXT NOT NULL,
    roles        TEXT NOT NULL,
    hash         TEXT NOT NULL,
    hashed_at    BIGINT NOT NULL,
    must_change  BOOLEAN NOT NULL,
    active       BOOLEAN NOT NULL,
    failures     BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    check_at     BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    changed      BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE UNIQUE INDEX accounts_login ON accounts (district, login);
CREATE INDEX accounts_unit ON accounts (district, unit, login);

CREATE TABLE sessions (
    district TEXT NOT NULL,
    hash     TEXT NOT NULL,
    account  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    agent    TEXT NOT NULL,
    created  BIGINT NOT NULL,
    seen     BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    PRIMARY KEY (district, hash)
);
CREATE INDEX sessions_account ON sessions (district, account, created);

CREATE TABLE api_keys (
    district TEXT NOT NULL,
    hash     TEXT NOT NULL,
    client   TEXT NOT NULL,
    active   BOOLEAN NOT NULL,
    created  BIGINT NOT NULL,
    PRIMARY KEY (district, hash)
);
CREATE UNIQUE INDEX api_keys_client ON api_keys (district, client);

CREATE TABLE access_codes (
    district TEXT NOT NULL,
    hash     TEXT NOT NULL,
    purpose  TEXT NOT NULL,
    created  BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    used     BIGINT NOT NULL,
    PRIMARY KEY (district, hash)
);

CREATE TABLE tries (
    district TEXT NOT NULL,
    name     TEXT NOT NULL,
    key      TEXT NOT NULL,
    count    BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (district, name, key)
);
CREATE INDEX tries_since ON tries (district, since);
