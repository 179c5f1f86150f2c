-- +goose Up
-- Open cases are few among many: filters that ask for them must not walk past all
-- that ended.
CREATE INDEX cases_open_state ON cases (district, state, street, doc) WHERE is_open = TRUE;
CREATE INDEX cases_open_public ON cases (district, public, doc) WHERE is_open = TRUE;
