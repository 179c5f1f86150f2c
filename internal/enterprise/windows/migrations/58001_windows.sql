-- +goose Up
-- One counter of numbers for each hall and day.
CREATE TABLE window_counters (
    district TEXT NOT NULL,
    hall     TEXT NOT NULL,
    day      TEXT NOT NULL,
    last     BIGINT NOT NULL,
    PRIMARY KEY (district, hall, day)
);

-- A visit to a hall: its number, what it was for, when it was called and done, what was said of it. Nothing of who came.
CREATE TABLE window_visits (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    hall     TEXT NOT NULL,
    day      TEXT NOT NULL,
    number   BIGINT NOT NULL,
    item     TEXT NOT NULL,
    state    TEXT NOT NULL,
    win      TEXT NOT NULL,
    clerk    TEXT NOT NULL,
    taken    BIGINT NOT NULL,
    called   BIGINT NOT NULL,
    calls    BIGINT NOT NULL,
    slow     BIGINT NOT NULL,
    done     BIGINT NOT NULL,
    outcome  TEXT NOT NULL,
    rated    BIGINT NOT NULL,
    level    BIGINT NOT NULL,
    labels   TEXT NOT NULL,
    standing TEXT NOT NULL,
    counted  BIGINT NOT NULL,
    bad      TEXT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE UNIQUE INDEX window_visits_number ON window_visits (district, hall, day, number);
CREATE INDEX window_visits_called ON window_visits (district, win, called, id);
CREATE INDEX window_visits_done ON window_visits (district, win, done, id);
CREATE INDEX window_visits_counted ON window_visits (district, win, counted, id) WHERE counted > 0;

-- What a window did on a day: kept by the transactions of the acts themselves.
CREATE TABLE window_sums (
    district     TEXT NOT NULL,
    win          TEXT NOT NULL,
    day          TEXT NOT NULL,
    called       BIGINT NOT NULL,
    in_time      BIGINT NOT NULL,
    waited       BIGINT NOT NULL,
    served       BIGINT NOT NULL,
    on_time      BIGINT NOT NULL,
    handled      BIGINT NOT NULL,
    supplemented BIGINT NOT NULL,
    returned     BIGINT NOT NULL,
    absent       BIGINT NOT NULL,
    rated_1      BIGINT NOT NULL,
    rated_2      BIGINT NOT NULL,
    rated_3      BIGINT NOT NULL,
    rated_4      BIGINT NOT NULL,
    rated_5      BIGINT NOT NULL,
    PRIMARY KEY (district, day, win)
);
