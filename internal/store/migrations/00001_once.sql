-- +goose Up
CREATE TABLE once (
    district TEXT NOT NULL,
    scope    TEXT NOT NULL,
    key      TEXT NOT NULL,
    request  BYTEA NOT NULL,
    answer   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (district, scope, key)
);
CREATE INDEX once_at ON once (district, at);
