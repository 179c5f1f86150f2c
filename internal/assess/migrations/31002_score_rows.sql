-- +goose Up
-- How records count, in versions: a row counts from its act seq until the act
-- until, so that what counted when a month was frozen can be read for ever. All
-- of it follows from acts; the follower "scores" starts at the first act and
-- fills it on a database that is older than these tables. The table scored is
-- read no more and goes with a later release.
CREATE TABLE score_rows (
    district TEXT NOT NULL,
    subject  TEXT NOT NULL, -- record whose acts make the row
    kind     TEXT NOT NULL,
    number   TEXT NOT NULL, -- record it is about
    unit     TEXT NOT NULL,
    other    TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    until    BIGINT NOT NULL,
    month    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    began    BIGINT NOT NULL,
    place    BIGINT NOT NULL,
    again    TEXT NOT NULL,
    base     BIGINT NOT NULL,
    relief   BIGINT NOT NULL,
    excluded TEXT NOT NULL,
    counted  BIGINT NOT NULL,
    PRIMARY KEY (district, subject, kind, number, unit, other, seq)
);
CREATE INDEX score_rows_month ON score_rows (district, month, unit, seq, number);
CREATE INDEX score_rows_number ON score_rows (district, number, month);
CREATE INDEX score_rows_place ON score_rows (district, place, at) WHERE place <> 0;

CREATE TABLE score_sums (
    district TEXT NOT NULL,
    month    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    name     TEXT NOT NULL,
    every    BIGINT NOT NULL,
    left_out BIGINT NOT NULL,
    PRIMARY KEY (district, month, unit, name)
);

-- What granted exclusions and appeals do to rows.
CREATE TABLE score_effects (
    district TEXT NOT NULL,
    number   TEXT NOT NULL,
    month    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    request  TEXT NOT NULL,
    excluded TEXT NOT NULL,
    relief   BIGINT NOT NULL,
    PRIMARY KEY (district, number, month, unit, request)
);

CREATE TABLE score_requests (
    district TEXT NOT NULL,
    kind     TEXT NOT NULL, -- exclusion, appeal
    id       TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    state    TEXT NOT NULL,
    is_open  BOOLEAN NOT NULL,
    number   TEXT NOT NULL,
    month    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    ground   TEXT NOT NULL,
    asker    TEXT NOT NULL,
    adviser  TEXT NOT NULL,
    opinion  TEXT NOT NULL,
    PRIMARY KEY (district, kind, id)
);
CREATE INDEX score_requests_month ON score_requests (district, kind, month, doc);
CREATE INDEX score_requests_unit ON score_requests (district, kind, unit, doc);
CREATE INDEX score_requests_open ON score_requests (district, kind, is_open, doc);
CREATE INDEX score_requests_number ON score_requests (district, number, month);
CREATE INDEX score_requests_doc ON score_requests (district, kind, doc);

CREATE TABLE score_months (
    district TEXT NOT NULL,
    month    TEXT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    state    TEXT NOT NULL,
    until    BIGINT NOT NULL,
    cut      BIGINT NOT NULL,
    PRIMARY KEY (district, month)
);
