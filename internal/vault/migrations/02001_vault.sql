-- +goose Up
CREATE TABLE persons (
    district       TEXT NOT NULL,
    id             TEXT NOT NULL,
    created        BIGINT NOT NULL,
    erased         BIGINT NOT NULL DEFAULT 0,
    name           BYTEA NOT NULL,
    phone          BYTEA NOT NULL,
    address        BYTEA NOT NULL,
    email          BYTEA NOT NULL,
    id_number      BYTEA NOT NULL,
    masked_name    TEXT NOT NULL,
    masked_phone   TEXT NOT NULL,
    masked_address TEXT NOT NULL,
    phone_index    BYTEA NOT NULL,
    id_index       BYTEA NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX persons_phone ON persons (district, phone_index, created, id);
CREATE INDEX persons_id_number ON persons (district, id_index, created, id);

CREATE TABLE person_keys (
    district TEXT NOT NULL,
    person   TEXT NOT NULL,
    kek      BIGINT NOT NULL,
    wrapped  BYTEA NOT NULL,
    PRIMARY KEY (district, person)
);
CREATE INDEX person_keys_kek ON person_keys (district, kek, person);

CREATE TABLE person_texts (
    district TEXT NOT NULL,
    person   TEXT NOT NULL,
    name     TEXT NOT NULL,
    sealed   BYTEA NOT NULL,
    PRIMARY KEY (district, person, name)
);

CREATE TABLE disclosures (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    at       BIGINT NOT NULL,
    account  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    person   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    fields   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    note     TEXT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX disclosures_subject ON disclosures (district, subject, id);
CREATE INDEX disclosures_person ON disclosures (district, person, id);

CREATE TABLE reveal_counts (
    district TEXT NOT NULL,
    account  TEXT NOT NULL,
    day      TEXT NOT NULL,
    n        BIGINT NOT NULL,
    PRIMARY KEY (district, account, day)
);

CREATE TABLE vault_keys (
    district TEXT NOT NULL,
    name     TEXT NOT NULL,
    mark     BYTEA NOT NULL,
    PRIMARY KEY (district, name)
);
