-- Every name is bytes in UTF-8: text in PostgreSQL cannot hold a NUL character, and depends on the database's encoding.

-- One row: the version of this schema, the number of partitions, and the store's own id.
CREATE TABLE {schema}.store (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version integer NOT NULL,
  partition_count integer NOT NULL,
  id uuid NOT NULL
);

-- The log. A commit writes to its end and nowhere else. Each event has the position of its stream's previous one (0: it
-- is the first), so that a stream can be followed back from any of its events without an index. What most events have
-- takes no space: append_id is NULL where it is the event's own id, metadata where it is empty.
CREATE TABLE {schema}.log (
  position bigint NOT NULL,
  stream bigint NOT NULL,
  version bigint NOT NULL,
  prev bigint NOT NULL,
  recorded timestamptz NOT NULL,
  id uuid NOT NULL,
  partition integer NOT NULL,
  type integer NOT NULL,
  append_id uuid,
  metadata bytea,
  payload bytea NOT NULL,
  PRIMARY KEY (partition, position)
);

-- The number of a stream is made of the position of its first event and the partition: no sequence, and no gap. The
-- hash finds a name, which may be too long for an index.
CREATE TABLE {schema}.streams (
  stream bigint PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  category bytea NOT NULL,
  key bytea NOT NULL
);

CREATE TABLE {schema}.types (
  type integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name bytea NOT NULL,
  schema_version integer NOT NULL,
  content_type bytea NOT NULL,
  UNIQUE (name, schema_version, content_type)
);

-- The markers of each stream's clearings. What is left to scrub leads back from a position; 0 where nothing is.
CREATE TABLE {schema}.clearings (
  stream bigint NOT NULL,
  position bigint NOT NULL,
  unscrubbed bigint NOT NULL,
  PRIMARY KEY (stream, position)
);

-- Whether an event is cleared, and which clearing is the oldest.
CREATE INDEX clearings_unscrubbed ON {schema}.clearings (stream, position) WHERE unscrubbed > 0;
CREATE INDEX clearings_oldest ON {schema}.clearings (position, stream) WHERE unscrubbed > 0;

-- Derived from the log: the last event of each stream, and every 64th of its events. Both are complete up to
-- indexed.position; what comes after it is read from the log.
CREATE TABLE {schema}.heads (
  stream bigint PRIMARY KEY,
  version bigint NOT NULL,
  position bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE {schema}.marks (
  stream bigint NOT NULL,
  version bigint NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (stream, version)
);

CREATE TABLE {schema}.indexed (
  partition integer PRIMARY KEY,
  position bigint NOT NULL
);

-- Snapshots go by the hash of the stream's name: a stream without events has no number.
CREATE TABLE {schema}.snapshots (
  hash bytea NOT NULL,
  version bigint NOT NULL,
  position bigint NOT NULL,
  latest timestamptz NOT NULL,
  fingerprint bytea NOT NULL,
  checksum bigint NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (hash, version)
);

-- How far each reader of the log has come in each partition, and in which epoch of its owners.
CREATE TABLE {schema}.checkpoints (
  name bytea NOT NULL,
  partition integer NOT NULL,
  position bigint NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY (name, partition)
);
