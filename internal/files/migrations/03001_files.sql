-- +goose Up
CREATE TABLE files (
    district     TEXT NOT NULL,
    id           TEXT NOT NULL,
    kind         TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    ord          BIGINT NOT NULL,
    name         TEXT NOT NULL,
    media        TEXT NOT NULL,
    size         BIGINT NOT NULL,
    width        BIGINT NOT NULL,
    height       BIGINT NOT NULL,
    sha256       BYTEA NOT NULL,
    thumb_sha256 BYTEA NOT NULL,
    created      BIGINT NOT NULL,
    created_by   TEXT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX files_subject ON files (district, subject_kind, subject, created, ord);
