-- +goose Up
-- Tracks of vehicles, a row for each machine and minute; what was swept of each segment a day; inspections, findings,
-- settlements.
CREATE TABLE sanit_days (
    district  TEXT NOT NULL,
    day       TEXT NOT NULL,
    sealed    BOOLEAN NOT NULL,
    version   BIGINT NOT NULL,
    positions BIGINT NOT NULL,
    figures   TEXT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, day)
);
CREATE INDEX sanit_days_sealed ON sanit_days (district, sealed, day);
CREATE TABLE sanit_tracks (
    district TEXT NOT NULL,
    day      TEXT NOT NULL,
    machine  TEXT NOT NULL,
    minute   BIGINT NOT NULL,
    n        BIGINT NOT NULL,
    body     BYTEA NOT NULL,
    PRIMARY KEY (district, day, machine, minute)
);
CREATE TABLE sanit_coverage (
    district TEXT NOT NULL,
    day      TEXT NOT NULL,
    segment  TEXT NOT NULL,
    cells    BYTEA NOT NULL,
    hits     BIGINT NOT NULL,
    passed   BIGINT NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    PRIMARY KEY (district, day, segment)
);
CREATE INDEX sanit_coverage_version ON sanit_coverage (district, day, version);
CREATE TABLE sanit_machines (
    district TEXT NOT NULL,
    machine  TEXT NOT NULL,
    at       BIGINT NOT NULL,
    lon      BIGINT NOT NULL,
    lat      BIGINT NOT NULL,
    speed    BIGINT NOT NULL,
    heading  BIGINT NOT NULL,
    brush    BOOLEAN NOT NULL,
    PRIMARY KEY (district, machine)
);
CREATE TABLE sanit_manual (
    district TEXT NOT NULL,
    day      TEXT NOT NULL,
    contract TEXT NOT NULL,
    segments TEXT NOT NULL,
    state    TEXT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, day, contract)
);
CREATE TABLE sanit_inspections (
    district  TEXT NOT NULL,
    id        TEXT NOT NULL,
    doc       BIGINT NOT NULL,
    state     TEXT NOT NULL,
    kind      TEXT NOT NULL,
    contract  TEXT NOT NULL,
    day       TEXT NOT NULL,
    inspector TEXT NOT NULL,
    hidden    BOOLEAN NOT NULL,
    created   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX sanit_inspections_doc ON sanit_inspections (district, contract, doc);
CREATE INDEX sanit_inspections_day ON sanit_inspections (district, contract, day);
CREATE TABLE sanit_findings (
    district   TEXT NOT NULL,
    id         TEXT NOT NULL,
    doc        BIGINT NOT NULL,
    state      TEXT NOT NULL,
    is_open    BOOLEAN NOT NULL,
    inspection TEXT NOT NULL,
    contract   TEXT NOT NULL,
    segment    TEXT NOT NULL,
    item       TEXT NOT NULL,
    points     BIGINT NOT NULL,
    rectify    TEXT NOT NULL,
    day        TEXT NOT NULL,
    recorder   TEXT NOT NULL,
    fixer      TEXT NOT NULL,
    since      BIGINT NOT NULL,
    fixed      BIGINT NOT NULL,
    late       BOOLEAN NOT NULL,
    again      BIGINT NOT NULL,
    lon        BIGINT NOT NULL,
    lat        BIGINT NOT NULL,
    hidden     BOOLEAN NOT NULL,
    created    BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    last_seq   BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX sanit_findings_doc ON sanit_findings (district, contract, doc);
CREATE INDEX sanit_findings_open ON sanit_findings (district, contract, is_open, doc);
CREATE INDEX sanit_findings_day ON sanit_findings (district, contract, day);
CREATE INDEX sanit_findings_inspection ON sanit_findings (district, inspection, doc);
CREATE INDEX sanit_findings_segment ON sanit_findings (district, segment, doc);
CREATE TABLE sanit_settlements (
    district TEXT NOT NULL,
    id       TEXT NOT NULL,
    doc      BIGINT NOT NULL,
    state    TEXT NOT NULL,
    contract TEXT NOT NULL,
    month    TEXT NOT NULL,
    signer   TEXT NOT NULL,
    sheet    TEXT NOT NULL,
    created  BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX sanit_settlements_month ON sanit_settlements (district, month, id);
