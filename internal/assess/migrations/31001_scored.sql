-- +goose Up
CREATE TABLE scored (
    district          TEXT NOT NULL,
    number            TEXT NOT NULL,
    doc               BIGINT NOT NULL,
    month             TEXT NOT NULL,
    unit              TEXT NOT NULL,
    seq               BIGINT NOT NULL,
    signed_in_time    BIGINT NOT NULL,
    contacted_in_time BIGINT NOT NULL,
    closed_in_time    BIGINT NOT NULL,
    handed_back       BIGINT NOT NULL,
    reworked          BIGINT NOT NULL,
    repeated          BIGINT NOT NULL,
    visited           BIGINT NOT NULL,
    solved            TEXT NOT NULL,
    satisfied         TEXT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX scored_month ON scored (district, month, unit, doc);
