-- +goose Up
CREATE TABLE case_search (
    district TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    tokens   TSVECTOR NOT NULL,
    PRIMARY KEY (district, doc)
);
CREATE INDEX case_search_tokens ON case_search USING gin (tokens);
