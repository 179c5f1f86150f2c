-- +goose Up
CREATE TABLE advised (
    district  TEXT NOT NULL,
    number    TEXT NOT NULL,
    seq       BIGINT NOT NULL,
    month     TEXT NOT NULL,
    model     TEXT NOT NULL,
    advice    TEXT NOT NULL,
    place     BIGINT NOT NULL,
    followed  BIGINT NOT NULL,
    abstained BIGINT NOT NULL,
    ruled     BIGINT NOT NULL,
    unit      TEXT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX advised_month ON advised (district, month, seq);
