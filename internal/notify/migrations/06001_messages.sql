-- +goose Up
CREATE TABLE messages (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    created  BIGINT NOT NULL,
    channel  TEXT NOT NULL,
    receiver TEXT NOT NULL,
    lang     TEXT NOT NULL,
    template TEXT NOT NULL,
    args     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    state    TEXT NOT NULL,
    tries    BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,
    sent_at  BIGINT NOT NULL,
    by_way   TEXT NOT NULL,
    error    TEXT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX messages_state ON messages (district, state, next_at, id);
CREATE INDEX messages_receiver ON messages (district, receiver, created, id);
