-- +goose Up
-- Lists by deadline come from the board in memory, so the indexes that every act
-- had to keep in the order of deadlines can go. What reads all open cases reads
-- them through an index of these few; most cases were never merged.
DROP INDEX cases_holder;
DROP INDEX cases_desk;
DROP INDEX cases_due;
DROP INDEX cases_parent;
CREATE INDEX cases_open ON cases (district, doc) WHERE is_open = TRUE;
CREATE INDEX cases_merged ON cases (district, parent, number) WHERE parent <> '';
