-- What a request with an Idempotency-Key was answered. No code wrote the table before.

ALTER TABLE request_keys ADD COLUMN status SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'answered; 0: under way';
ALTER TABLE request_keys ADD COLUMN body MEDIUMTEXT NULL;
ALTER TABLE request_keys MODIFY COLUMN fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
