-- One row: the version of this schema, the number of log tables, and the store's own id, which its copies have too. And
-- how often a stream was truncated: the log does not record it.
CREATE TABLE store (
  version INTEGER NOT NULL,
  partition_count INTEGER NOT NULL,
  id BLOB NOT NULL,
  truncations INTEGER NOT NULL DEFAULT 0
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

-- The positions before which the events of a stream are removed: of the marker of each of its clearings; and where it
-- was truncated since the last one, of the first event that stays, whose version is first, else NULL. And what these
-- have left: stream -1 stands for partition 0, -2 for partition 1, and so on, with a row for each clearing and each
-- truncation whose events still have content. Of those, rest is the position of the last one, and first the version of
-- the first one; NULL for a clearing, which leaves all of its generation.
CREATE TABLE removals (
  stream INTEGER NOT NULL,
  position INTEGER NOT NULL,
  rest INTEGER,
  first INTEGER,
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
