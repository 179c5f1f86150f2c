-- +goose Up
-- Words about the app itself, for the supervision office. account and unit are '' when the person gave no name; the words are
-- texts of the acts.
CREATE TABLE field_remarks (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    state    TEXT NOT NULL,
    account  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    about    TEXT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX field_remarks_state ON field_remarks (district, state, created, id);
CREATE INDEX field_remarks_created ON field_remarks (district, created, id);

-- +goose Down
DROP TABLE field_remarks;
