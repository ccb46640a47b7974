CREATE TABLE schema_version (
  version INTEGER NOT NULL PRIMARY KEY,
  partition_count INTEGER NOT NULL
);

CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  category TEXT NOT NULL,
  key TEXT NOT NULL,
  cleared INTEGER NOT NULL DEFAULT 0,
  UNIQUE (category, key)
);

CREATE TABLE types (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  UNIQUE (name, schema_version, content_type)
);

-- Derived from the log: where each stream ends, and where every 64th of its events stands. Both are complete up to
-- indexed.position; what is behind that is caught up from the log.
CREATE TABLE heads (
  stream INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL
);

CREATE TABLE marks (
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (stream, version)
) WITHOUT ROWID;

CREATE TABLE indexed (
  partition INTEGER NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL
);

CREATE TABLE snapshots (
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  checksum INTEGER NOT NULL,
  payload BLOB NOT NULL,
  PRIMARY KEY (stream, version)
);
