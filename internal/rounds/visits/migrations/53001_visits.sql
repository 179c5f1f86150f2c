-- +goose Up
-- Campaigns of home visits. Lists of words are joined by blanks.
CREATE TABLE visit_campaigns (
    district    TEXT NOT NULL,
    id          TEXT NOT NULL,
    state       TEXT NOT NULL,
    name        TEXT NOT NULL,
    communities TEXT NOT NULL,
    buildings   TEXT NOT NULL,
    from_day    TEXT NOT NULL,
    to_day      TEXT NOT NULL,
    posts       TEXT NOT NULL,
    households  BIGINT NOT NULL,
    made_up     BOOLEAN NOT NULL,
    created     BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    last_seq    BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX visit_campaigns_new ON visit_campaigns (district, created, id);

-- One row a door and campaign: no family, no words, no visitor.
CREATE TABLE visits (
    district  TEXT NOT NULL,
    id        TEXT NOT NULL,
    campaign  TEXT NOT NULL,
    community TEXT NOT NULL,
    grid      TEXT NOT NULL,
    building  TEXT NOT NULL,
    door      TEXT NOT NULL,
    state     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    attempts  BIGINT NOT NULL,
    topics    TEXT NOT NULL,
    needs     TEXT NOT NULL,
    cases     TEXT NOT NULL,
    revisit   TEXT NOT NULL,
    answers   TEXT NOT NULL,
    made_up   BOOLEAN NOT NULL,
    visited   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX visits_building ON visits (district, campaign, building, id);
CREATE INDEX visits_outcome ON visits (district, campaign, outcome, id);
CREATE INDEX visits_open ON visits (district, community, revisit, id) WHERE state <> 'closed';

-- People in need: who they are lies in the vault; here is what counts and reminders need.
CREATE TABLE people_in_need (
    district   TEXT NOT NULL,
    id         TEXT NOT NULL,
    state      TEXT NOT NULL,
    community  TEXT NOT NULL,
    grid       TEXT NOT NULL,
    categories TEXT NOT NULL,
    person     TEXT NOT NULL,
    consent    TEXT NOT NULL,
    consent_on TEXT NOT NULL,
    reviewed   TEXT NOT NULL,
    due        TEXT NOT NULL,
    gone       TEXT NOT NULL,
    made_up    BOOLEAN NOT NULL,
    created    BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    last_seq   BIGINT NOT NULL,
    PRIMARY KEY (district, id)
);
CREATE INDEX people_in_need_where ON people_in_need (district, community, state, due, id);
CREATE INDEX people_in_need_due ON people_in_need (district, state, due, id);
