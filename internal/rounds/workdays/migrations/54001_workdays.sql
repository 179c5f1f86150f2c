-- +goose Up
-- Community workdays and what people booked for them. Lists of words are joined by blanks.
CREATE TABLE workdays (
    district  TEXT NOT NULL,
    id        TEXT NOT NULL,
    state     TEXT NOT NULL,
    community TEXT NOT NULL,
    place     TEXT NOT NULL,
    from_at   BIGINT NOT NULL,
    to_at     BIGINT NOT NULL,
    slot      BIGINT NOT NULL,
    seats     BIGINT NOT NULL,
    leader    TEXT NOT NULL,
    units     TEXT NOT NULL,
    themes    TEXT NOT NULL,
    made_up   BOOLEAN NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX workdays_when ON workdays (district, from_at, id);
CREATE INDEX workdays_where ON workdays (district, community, from_at);

-- slot and seat are -1 while none is held: who waits, who took the booking back.
CREATE TABLE workday_bookings (
    district TEXT NOT NULL,
    number   TEXT NOT NULL,
    day      TEXT NOT NULL,
    state    TEXT NOT NULL,
    slot     BIGINT NOT NULL,
    seat     BIGINT NOT NULL,
    walkin   BOOLEAN NOT NULL,
    theme    TEXT NOT NULL,
    words    TEXT NOT NULL,
    person   TEXT NOT NULL,
    unit     TEXT NOT NULL,
    answered BIGINT NOT NULL,
    settled  BIGINT NOT NULL,
    case_no  TEXT NOT NULL,
    said     TEXT NOT NULL,
    via      TEXT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, number)
);
CREATE INDEX workday_bookings_day ON workday_bookings (district, day, created, number);
CREATE INDEX workday_bookings_case ON workday_bookings (district, case_no) WHERE case_no <> '';
-- Nobody is ever given a seat that somebody has, whatever the program thinks.
CREATE UNIQUE INDEX workday_bookings_seat ON workday_bookings (district, day, slot, seat) WHERE slot >= 0;
