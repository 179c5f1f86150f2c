-- +goose Up
CREATE TABLE report_drafts (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    expires  BIGINT NOT NULL,
    sealed   BYTEA NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX report_drafts_expires ON report_drafts (district, expires);
