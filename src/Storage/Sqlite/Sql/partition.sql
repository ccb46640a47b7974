-- The log. A commit writes its tail and nothing else.
CREATE TABLE log_{partition} (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  type INTEGER NOT NULL,
  id BLOB NOT NULL,
  append_id BLOB NOT NULL,
  timestamp INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  metadata BLOB NOT NULL,
  payload BLOB NOT NULL
);
