-- How far those who read the events came, so that none is told twice or not at all.

ALTER TABLE marks ADD COLUMN position BIGINT NOT NULL DEFAULT 0 COMMENT 'the last event that was read';
