-- Times are UTC. Addresses are 4 (IPv4) or 16 (IPv6) bytes in network order.
-- Keys that must match exactly are VARBINARY: under utf8mb4_bin 'a' = 'a '.
-- Every statement may be run again (see migrate.cc).

CREATE TABLE commits (
  session CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  number BIGINT UNSIGNED NOT NULL,
  written DATETIME(6) NOT NULL
) ENGINE = InnoDB COMMENT 'the latest transaction of each session: tells whether a COMMIT without answer landed';

CREATE TABLE tenants (
  name VARBINARY(128) NOT NULL PRIMARY KEY,
  load_balancers INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'reserved places',
  max_load_balancers INT UNSIGNED NULL COMMENT 'NULL, 0: the global limit'
) ENGINE = InnoDB;

CREATE TABLE global_limits (
  name VARBINARY(64) NOT NULL PRIMARY KEY,
  value INT UNSIGNED NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO global_limits (name, value) VALUES
  ('maxLoadBalancerNameLength', 128),
  ('maxVIPsPerLoadBalancer', 1),
  ('maxNodesPerLoadBalancer', 50),
  ('maxLoadBalancers', 20);

CREATE TABLE ports (
  id INT UNSIGNED NOT NULL PRIMARY KEY AUTO_INCREMENT,
  protocol VARCHAR(32) NOT NULL,
  port SMALLINT UNSIGNED NOT NULL,
  enabled BOOLEAN NOT NULL,
  UNIQUE KEY (protocol, port)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT IGNORE INTO ports (id, protocol, port, enabled) VALUES
  (1, 'HTTP', 80, TRUE),
  (2, 'HTTP', 8080, FALSE),
  (3, 'HTTP', 8088, FALSE),
  (4, 'TCP', 443, TRUE),
  (5, 'TCP', 8443, FALSE),
  (6, 'TCP', 3306, TRUE),
  (7, 'GALERA', 3306, TRUE);

CREATE TABLE devices (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  name VARCHAR(128) NOT NULL COMMENT 'also the Gearman function',
  address VARCHAR(255) NOT NULL COMMENT 'management',
  zone VARCHAR(64) NOT NULL DEFAULT '',
  host_group VARCHAR(64) NOT NULL DEFAULT '',
  driver VARCHAR(32) NOT NULL DEFAULT '',
  capabilities VARCHAR(1024) NOT NULL DEFAULT '' COMMENT 'words',
  provider_id VARCHAR(255) NOT NULL DEFAULT '',
  boot_id VARCHAR(64) NOT NULL DEFAULT '',
  status ENUM('OFFLINE', 'BUILD', 'BUILDING', 'ONLINE', 'ERROR', 'DELETED') NOT NULL,
  maintenance BOOLEAN NOT NULL DEFAULT FALSE,
  generation BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'wanted',
  applied_generation BIGINT UNSIGNED NOT NULL DEFAULT 0,
  behind BOOLEAN AS (applied_generation < generation) STORED,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  next_due DATETIME(6) NOT NULL DEFAULT '1970-01-01 00:00:00',
  deadline DATETIME(6) NULL,
  last_error VARCHAR(1024) NOT NULL DEFAULT '',
  created DATETIME(6) NOT NULL,
  updated DATETIME(6) NOT NULL ON UPDATE CURRENT_TIMESTAMP(6),
  UNIQUE KEY (name),
  KEY (status),
  KEY (behind, next_due)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE vips (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  address VARBINARY(16) NOT NULL,
  prefix TINYINT UNSIGNED NOT NULL,
  device BIGINT NULL,
  epoch BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'raised with each new holder',
  free_from DATETIME(6) NOT NULL DEFAULT '1970-01-01 00:00:00' COMMENT 'quarantine ends',
  UNIQUE KEY (address),
  KEY (device, free_from),
  CONSTRAINT vip_device FOREIGN KEY (device) REFERENCES devices (id)
) ENGINE = InnoDB;

CREATE TABLE load_balancers (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  tenant VARBINARY(128) NOT NULL,
  name VARCHAR(128) NOT NULL,
  protocol VARCHAR(32) NOT NULL,
  port SMALLINT UNSIGNED NOT NULL,
  algorithm VARCHAR(32) NOT NULL,
  timeout INT NULL COMMENT 'milliseconds',
  retries INT NULL,
  status ENUM('BUILD', 'ACTIVE', 'PENDING_UPDATE', 'PENDING_DELETE', 'DEGRADED', 'ERROR', 'ERROR(REBUILDING)',
              'DELETED') NOT NULL,
  status_description VARCHAR(128) NOT NULL DEFAULT '',
  device BIGINT NULL,
  generation BIGINT UNSIGNED NOT NULL COMMENT 'of the device, with the latest change',
  deadline DATETIME(6) NOT NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  next_due DATETIME(6) NOT NULL DEFAULT '1970-01-01 00:00:00',
  last_error VARCHAR(1024) NOT NULL DEFAULT '',
  created DATETIME(6) NOT NULL,
  updated DATETIME(6) NOT NULL,
  KEY (tenant),
  KEY (device),
  KEY (status, deadline),
  CONSTRAINT load_balancer_device FOREIGN KEY (device) REFERENCES devices (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE nodes (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  load_balancer BIGINT NOT NULL,
  address VARBINARY(16) NOT NULL,
  port SMALLINT UNSIGNED NOT NULL,
  weight SMALLINT UNSIGNED NOT NULL,
  enabled BOOLEAN NOT NULL,
  backup BOOLEAN NOT NULL,
  status ENUM('ONLINE', 'OFFLINE', 'ERROR') NOT NULL,
  KEY (load_balancer),
  CONSTRAINT node_load_balancer FOREIGN KEY (load_balancer) REFERENCES load_balancers (id) ON DELETE CASCADE
) ENGINE = InnoDB;

CREATE TABLE monitors (
  load_balancer BIGINT NOT NULL PRIMARY KEY,
  type VARCHAR(32) NOT NULL,
  delay INT UNSIGNED NOT NULL COMMENT 'seconds',
  timeout INT UNSIGNED NOT NULL COMMENT 'seconds',
  attempts INT UNSIGNED NOT NULL,
  path VARCHAR(2000) NOT NULL DEFAULT '',
  CONSTRAINT monitor_load_balancer FOREIGN KEY (load_balancer) REFERENCES load_balancers (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE request_keys (
  tenant VARBINARY(128) NOT NULL,
  request_key VARBINARY(128) NOT NULL,
  fingerprint BINARY(32) NOT NULL COMMENT 'of the request: the same key with another body is refused',
  load_balancer BIGINT NULL,
  created DATETIME(6) NOT NULL COMMENT 'kept 24 hours',
  PRIMARY KEY (tenant, request_key),
  KEY (created),
  CONSTRAINT request_load_balancer FOREIGN KEY (load_balancer) REFERENCES load_balancers (id) ON DELETE CASCADE
) ENGINE = InnoDB;

CREATE TABLE leases (
  name VARBINARY(64) NOT NULL PRIMARY KEY,
  holder VARBINARY(128) NOT NULL,
  epoch BIGINT UNSIGNED NOT NULL,
  beat BIGINT UNSIGNED NOT NULL,
  writes BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'raised by each transaction under the lease'
) ENGINE = InnoDB;

CREATE TABLE events (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  at DATETIME(6) NOT NULL,
  kind VARCHAR(64) NOT NULL,
  object VARCHAR(128) NOT NULL,
  text VARCHAR(1024) NOT NULL,
  KEY (object),
  KEY (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE audit (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  at DATETIME(6) NOT NULL,
  tenant VARBINARY(128) NOT NULL COMMENT 'who asked',
  role VARCHAR(16) NOT NULL,
  request VARCHAR(64) NOT NULL COMMENT 'id',
  method VARCHAR(16) NOT NULL,
  path VARCHAR(255) NOT NULL,
  status SMALLINT UNSIGNED NOT NULL COMMENT 'answered',
  detail VARCHAR(1024) NOT NULL DEFAULT '',
  KEY (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Outlives the load balancer it tells of, hence no foreign key.
CREATE TABLE usage_samples (
  device BIGINT NOT NULL,
  sequence BIGINT UNSIGNED NOT NULL COMMENT 'given by the device: a sample told twice counts once',
  load_balancer BIGINT NOT NULL,
  period_start DATETIME(6) NOT NULL,
  period_end DATETIME(6) NOT NULL,
  bytes_in BIGINT UNSIGNED NOT NULL DEFAULT 0,
  bytes_out BIGINT UNSIGNED NOT NULL,
  connections BIGINT UNSIGNED NOT NULL DEFAULT 0,
  status VARCHAR(32) NOT NULL,
  PRIMARY KEY (device, sequence, load_balancer),
  KEY (load_balancer, period_start),
  KEY (period_end)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE counters (
  name VARBINARY(64) NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
) ENGINE = InnoDB;

-- When a periodic duty was last done, cluster-wide.
CREATE TABLE marks (
  name VARBINARY(64) NOT NULL PRIMARY KEY,
  at DATETIME(6) NOT NULL
) ENGINE = InnoDB;

CREATE TABLE admin_users (
  id INT UNSIGNED NOT NULL PRIMARY KEY AUTO_INCREMENT,
  tenant VARBINARY(128) NOT NULL,
  level ENUM('USER', 'ADMIN') NOT NULL,
  UNIQUE KEY (tenant)
) ENGINE = InnoDB;
