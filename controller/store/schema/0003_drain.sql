-- A device that is drained serves on until the one that takes over does.

-- Its implicit default, year 0, let no other column be added.
ALTER TABLE devices MODIFY COLUMN updated DATETIME(6) NOT NULL DEFAULT '1970-01-01 00:00:00'
  ON UPDATE CURRENT_TIMESTAMP(6);
ALTER TABLE devices ADD COLUMN waits_for BIGINT NULL COMMENT 'what is due waits until that device runs its own';
ALTER TABLE devices ADD KEY waits_for (waits_for);
