-- +goose Up
CREATE TABLE acts (
    district TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    action   TEXT NOT NULL,
    account  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    capacity TEXT NOT NULL,
    pack     TEXT NOT NULL,
    body     TEXT NOT NULL,
    digest   BYTEA NOT NULL,
    hash     BYTEA NOT NULL,
    PRIMARY KEY (district, seq)
);
CREATE INDEX acts_subject ON acts (district, kind, subject, seq);

CREATE TABLE act_texts (
    district TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    name     TEXT NOT NULL,
    salt     BYTEA NOT NULL,
    hash     BYTEA NOT NULL,
    body     TEXT NOT NULL,
    erased   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (district, seq, name)
);

CREATE TABLE journal_heads (
    district TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    hash     BYTEA NOT NULL,
    PRIMARY KEY (district)
);

CREATE TABLE journal_positions (
    district TEXT NOT NULL,
    follower TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    PRIMARY KEY (district, follower)
);
