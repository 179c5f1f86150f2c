-- +goose Up
-- Exceptions from what the rule against formalism bars. That one ends when its time is over follows from until_at alone.
CREATE TABLE formalism_exceptions (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    role     TEXT NOT NULL,
    scene    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    asker    TEXT NOT NULL,
    asked    BIGINT NOT NULL,
    approver TEXT NOT NULL,
    approved BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    ended    BIGINT NOT NULL,
    renews   TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX formalism_exceptions_doc ON formalism_exceptions (district, doc);
-- What is in force: few rows, asked for by every page of a turn.
CREATE INDEX formalism_exceptions_state ON formalism_exceptions (district, state, until_at);
CREATE INDEX formalism_exceptions_subject ON formalism_exceptions (district, rule, subject, doc);
