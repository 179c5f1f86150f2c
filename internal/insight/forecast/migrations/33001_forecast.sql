-- +goose Up
CREATE TABLE early_reports (
    district  TEXT NOT NULL,
    kind      TEXT NOT NULL,
    number    TEXT NOT NULL,
    seq       BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    month     TEXT NOT NULL,
    early     BIGINT NOT NULL,
    matter    TEXT NOT NULL,
    street    TEXT NOT NULL,
    community TEXT NOT NULL,
    grid      TEXT NOT NULL,
    problem   TEXT NOT NULL,
    PRIMARY KEY (district, kind, number)
);
CREATE INDEX early_reports_near ON early_reports (district, community, matter, at);
CREATE INDEX early_reports_month ON early_reports (district, month, community, matter, seq);

CREATE TABLE early_counts (
    district  TEXT NOT NULL,
    month     TEXT NOT NULL,
    community TEXT NOT NULL,
    matter    TEXT NOT NULL,
    street    TEXT NOT NULL,
    reports   BIGINT NOT NULL,
    early     BIGINT NOT NULL,
    problems  BIGINT NOT NULL,
    ahead     BIGINT NOT NULL,
    PRIMARY KEY (district, month, community, matter)
);
