-- +goose Up
-- What became of each act that came out of the queue of a field worker's phone: the key was made on the phone when the form
-- was opened, so the same act coming again gets the same answer. seen is the phone's clock, skew how far it was ahead of ours.
CREATE TABLE field_receipts (
    district TEXT NOT NULL,
    account  TEXT NOT NULL,
    key      TEXT NOT NULL,
    request  BYTEA NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    action   TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    seen     BIGINT NOT NULL,
    skew     BIGINT NOT NULL,
    photos   BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    PRIMARY KEY (district, account, key)
);
CREATE INDEX field_receipts_subject ON field_receipts (district, kind, subject, seq);

-- +goose Down
DROP TABLE field_receipts;
