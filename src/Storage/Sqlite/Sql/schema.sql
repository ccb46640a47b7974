-- One row: the version of this schema, the number of log tables, and the store's own id, which its copies have too.
CREATE TABLE store (
  version INTEGER NOT NULL,
  partition_count INTEGER NOT NULL,
  id BLOB NOT NULL
);

CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  category TEXT NOT NULL,
  key TEXT NOT NULL,
  UNIQUE (category, key)
);

CREATE TABLE types (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  UNIQUE (name, schema_version, content_type)
);

-- The positions of the markers of each stream's clearings. And what they have left to be removed: stream -1 stands for
-- partition 0, -2 for partition 1, and so on, with a row for each clearing of the partition whose events still have
-- their content. Of those, rest is the position of the last one.
CREATE TABLE clearings (
  stream INTEGER NOT NULL,
  position INTEGER NOT NULL,
  rest INTEGER,
  PRIMARY KEY (stream, position)
) WITHOUT ROWID;

-- Derived from the log: the last event of each stream, and every 64th of its events. Both are complete up to
-- indexed.position; what comes after it is caught up from the log.
CREATE TABLE heads (
  stream INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  checksum INTEGER NOT NULL
);

CREATE TABLE marks (
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (stream, version)
) WITHOUT ROWID;

CREATE TABLE indexed (
  partition INTEGER NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL,
  checksum INTEGER NOT NULL
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

-- How far each reader of the log has come in each partition, and in which epoch of its owners.
CREATE TABLE checkpoints (
  name TEXT NOT NULL,
  partition INTEGER NOT NULL,
  position INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (name, partition)
) WITHOUT ROWID;
