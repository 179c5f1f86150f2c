-- +goose Up
-- The page lists contractors or volunteer teams alone.
CREATE INDEX firms_kinds ON firms (district, kinds, id);
