-- The log. A commit writes to its end and nowhere else. Each event has the position of its stream's previous one (0: it
-- is the first), so that a stream can be followed back from any of its events without an index. What most events have
-- takes no space: append_id is NULL where it is the event's own id, metadata where it is empty.
CREATE TABLE log_{partition} (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  prev INTEGER NOT NULL,
  type INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  id BLOB NOT NULL,
  append_id BLOB,
  checksum INTEGER NOT NULL,
  metadata BLOB,
  payload BLOB NOT NULL
);
