-- +goose Up
-- Terms of people on posts. name is public by office; phone only stands here while its owner consents.
CREATE TABLE terms (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    post     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    name     TEXT NOT NULL,
    person   TEXT NOT NULL,
    account  TEXT NOT NULL,
    seconded TEXT NOT NULL,
    from_at  BIGINT NOT NULL,
    to_at    BIGINT NOT NULL,
    phone    TEXT NOT NULL,
    consent  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX terms_post ON terms (district, post, from_at, id);
CREATE INDEX terms_seq ON terms (district, last_seq);

-- Who stands in for an absent holder.
CREATE TABLE standins (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    post     TEXT NOT NULL,
    by_post  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    from_at  BIGINT NOT NULL,
    to_at    BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX standins_post ON standins (district, post, from_at, id);
CREATE INDEX standins_seq ON standins (district, last_seq);

-- The duty roster.
CREATE TABLE shifts (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    line     TEXT NOT NULL,
    post     TEXT NOT NULL,
    from_at  BIGINT NOT NULL,
    to_at    BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX shifts_unit ON shifts (district, unit, from_at, id);
CREATE INDEX shifts_seq ON shifts (district, last_seq);

-- Buildings registered, corrected or removed since the pack was made.
CREATE TABLE buildings (
    district   TEXT NOT NULL,
    id         TEXT NOT NULL,
    state      TEXT NOT NULL,
    community  TEXT NOT NULL,
    grid       TEXT NOT NULL,
    estate     TEXT NOT NULL,
    name       TEXT NOT NULL,
    lon        DOUBLE PRECISION NOT NULL,
    lat        DOUBLE PRECISION NOT NULL,
    entrances  BIGINT NOT NULL,
    floors     BIGINT NOT NULL,
    households BIGINT NOT NULL,
    source     TEXT NOT NULL,
    made_up    BOOLEAN NOT NULL,
    created    BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    last_seq   BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX buildings_seq ON buildings (district, last_seq);
