-- +goose Up
-- That the leader of a place looked at its rounds of a week: one for each grid, or unit, and week. A cache of its act.
CREATE TABLE turn_reviews (
    district TEXT NOT NULL,
    week     TEXT NOT NULL,
    place    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    state    TEXT NOT NULL,
    words    TEXT NOT NULL,
    role     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, week, place)
);
