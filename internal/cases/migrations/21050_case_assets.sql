-- +goose Up
-- Which cases are about which city asset: derived from acts, like the row's own columns.
CREATE TABLE case_assets (
    district TEXT NOT NULL,
    asset    TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    number   TEXT NOT NULL,
    PRIMARY KEY (district, asset, doc, number)
);
