-- +goose Up
-- What anybody may read (public, not screened out) is listed newest first, by
-- matter and by open or ended: one range of these indexes for each combination, so
-- that a page far behind reads nothing but index entries until it begins.
ALTER TABLE cases ADD COLUMN published BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE cases SET published = TRUE WHERE public = TRUE AND state <> 'screened';
CREATE INDEX cases_published ON cases (district, published, is_open, doc);
CREATE INDEX cases_published_matter ON cases (district, published, matter, is_open, doc);
DROP INDEX cases_public;
DROP INDEX cases_open_public;
