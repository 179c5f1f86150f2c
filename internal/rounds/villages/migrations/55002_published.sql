-- +goose Up
-- Photos of a work are for anybody only when the one who looked at it said so.
ALTER TABLE village_works ADD COLUMN published BOOLEAN NOT NULL DEFAULT FALSE;
