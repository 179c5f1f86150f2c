-- +goose Up
-- Which routine had its turns made for which day: once, on however many nodes.
CREATE TABLE turn_days (
    district TEXT NOT NULL,
    routine  TEXT NOT NULL,
    day      TEXT NOT NULL,
    turns    BIGINT NOT NULL,
    items    TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, day, routine)
);

-- filled and from_at … are caches of acts. account is that of the holder when the turn was made.
CREATE TABLE turns (
    district  TEXT NOT NULL,
    day       TEXT NOT NULL,
    routine   TEXT NOT NULL,
    n         BIGINT NOT NULL,
    state     TEXT NOT NULL,
    unit      TEXT NOT NULL,
    post      TEXT NOT NULL,
    account   TEXT NOT NULL,
    street    TEXT NOT NULL,
    community TEXT NOT NULL,
    grid      TEXT NOT NULL,
    building  TEXT NOT NULL,
    spot      TEXT NOT NULL,
    from_at   BIGINT NOT NULL,
    to_at     BIGINT NOT NULL,
    filled    BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, day, routine, n)
);
CREATE INDEX turns_unit ON turns (district, day, unit);
CREATE INDEX turns_account ON turns (district, account, day);

-- Which act of real work filled which item of a turn. Derived from the acts themselves.
CREATE TABLE turn_fills (
    district TEXT NOT NULL,
    turn     TEXT NOT NULL,
    item     BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    PRIMARY KEY (district, turn, item, seq)
);

-- The weather of a day as a clerk or a feed said it.
CREATE TABLE weather (
    district TEXT NOT NULL,
    day      TEXT NOT NULL,
    low      BIGINT NOT NULL,
    high     BIGINT NOT NULL,
    snow_cm  BIGINT NOT NULL,
    warnings TEXT NOT NULL,
    source   TEXT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, day)
);
