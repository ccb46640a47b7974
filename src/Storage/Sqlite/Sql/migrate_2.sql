-- Schema 2 has no index of all events: each event knows its stream's previous one, heads and marks are kept instead.
DROP VIEW event_log;

DROP TABLE stream_index;

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
