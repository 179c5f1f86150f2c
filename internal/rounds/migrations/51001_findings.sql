-- +goose Up
-- What was found outside. doc grows with time, as that of cases does.
CREATE TABLE findings (
    district    TEXT NOT NULL,
    id          TEXT NOT NULL,
    doc         BIGINT NOT NULL,
    state       TEXT NOT NULL,
    matter      TEXT NOT NULL,
    words       TEXT NOT NULL,
    fix         TEXT NOT NULL,
    place       TEXT NOT NULL,
    lon         DOUBLE PRECISION NOT NULL,
    lat         DOUBLE PRECISION NOT NULL,
    located     BOOLEAN NOT NULL,
    street      TEXT NOT NULL,
    community   TEXT NOT NULL,
    grid        TEXT NOT NULL,
    unit        TEXT NOT NULL,
    post        TEXT NOT NULL,
    account     TEXT NOT NULL,
    turn        TEXT NOT NULL,
    routine     TEXT NOT NULL,
    case_number TEXT NOT NULL,
    photos      BIGINT NOT NULL,
    fix_photos  BIGINT NOT NULL,
    seen        BIGINT NOT NULL,
    made_up     BOOLEAN NOT NULL,
    created     BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    last_seq    BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE UNIQUE INDEX findings_doc ON findings (district, doc);
CREATE INDEX findings_state ON findings (district, state, doc);
CREATE INDEX findings_street ON findings (district, street, doc);
CREATE INDEX findings_community ON findings (district, community, doc);
CREATE INDEX findings_unit ON findings (district, unit, doc);
CREATE INDEX findings_account ON findings (district, account, doc);
CREATE INDEX findings_routine ON findings (district, routine, doc);
CREATE INDEX findings_turn ON findings (district, turn, doc);

-- What became of the cases that findings were sent up as. Derived from acts of cases alone.
CREATE TABLE finding_cases (
    district    TEXT NOT NULL,
    case_number TEXT NOT NULL,
    finding     TEXT NOT NULL,
    state       TEXT NOT NULL,
    solved      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (district, case_number)
);
CREATE INDEX finding_cases_finding ON finding_cases (district, finding);
