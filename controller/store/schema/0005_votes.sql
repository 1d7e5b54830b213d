-- What the controllers say of devices that one of them does not hear; empty while all are heard.

CREATE TABLE votes (
  device VARBINARY(128) NOT NULL COMMENT 'by name',
  voter VARBINARY(128) NOT NULL COMMENT 'a controller, as the holder of its leases',
  lost BOOLEAN NOT NULL COMMENT 'it does not hear the device; 0: it does',
  PRIMARY KEY (device, voter)
) ENGINE = InnoDB;
