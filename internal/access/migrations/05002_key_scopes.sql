-- +goose Up
-- What a key opens, until when, and when it was last used. A key of before opens what there was for keys then.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'positions requests';
ALTER TABLE api_keys ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN used BIGINT NOT NULL DEFAULT 0;
