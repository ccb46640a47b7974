-- The events that streams were truncated before: their versions and positions. What is left to scrub leads back from a
-- position; 0 where nothing is. The last one of a stream since its clearing says where it begins; one before it stays
-- for as long as there is something to scrub of it.
CREATE TABLE IF NOT EXISTS {schema}.truncations (
  stream bigint NOT NULL,
  position bigint NOT NULL,
  version bigint NOT NULL,
  unscrubbed bigint NOT NULL,
  PRIMARY KEY (stream, position)
);

-- Whether an event is removed, and which truncation is the oldest.
CREATE INDEX IF NOT EXISTS truncations_unscrubbed ON {schema}.truncations (stream, position) WHERE unscrubbed > 0;
CREATE INDEX IF NOT EXISTS truncations_oldest ON {schema}.truncations (position, stream) WHERE unscrubbed > 0;

-- The version of the first event that a stream still has, by its truncations between two positions: after a clearing,
-- and before the next one, or before another truncation. Here and where a page of the log is read, a truncation is
-- always looked up by the index: while there are few, a plan may be to read them all, and is kept when there are many.
CREATE OR REPLACE FUNCTION {schema}.read_first(p_stream bigint, p_cleared bigint, p_end bigint) RETURNS bigint
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
BEGIN
  RETURN coalesce((SELECT max(t.version) FROM {schema}.truncations t
    WHERE t.stream = p_stream AND t.position > p_cleared AND t.position < p_end), 1);
END
$$;

-- Removes the events of a stream before one; whether they are removed. Not where that event is not at its position, or
-- was cleared. The snapshot takes the place of what is removed now: it is not kept where all of that was before.
CREATE OR REPLACE FUNCTION {schema}.truncate_stream(
  p_partition integer,
  p_wait_ms integer,         -- how long the lock is waited for
  p_stream bigint,
  p_hash bytea,              -- of its name
  p_version bigint,          -- the event that stays
  p_position bigint,
  p_latest timestamptz,      -- the snapshot of that event; NULL where there is none
  p_fingerprint bytea,
  p_checksum bigint,
  p_payload bytea)
RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  v_prev bigint;
  v_cleared bigint;
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM {schema}.lock_partition(p_partition, p_wait_ms);

  SELECT l.prev INTO v_prev FROM {schema}.log l
  WHERE l.partition = p_partition AND l.position = p_position AND l.stream = p_stream AND l.version = p_version;
  SELECT coalesce(max(c.position), 0) INTO v_cleared FROM {schema}.clearings c WHERE c.stream = p_stream;
  IF v_prev IS NULL OR p_position < v_cleared THEN
    RETURN false;
  END IF;
  IF p_version > {schema}.read_first(p_stream, v_cleared, 9223372036854775807) THEN
    PERFORM {schema}.lock_snapshots(p_hash);
    INSERT INTO {schema}.truncations (stream, position, version, unscrubbed)
    VALUES (p_stream, p_position, p_version, v_prev);
    DELETE FROM {schema}.snapshots s
    WHERE s.hash = p_hash AND (s.version < p_version OR s.version = p_version AND p_payload IS NOT NULL);
    IF p_payload IS NOT NULL THEN
      INSERT INTO {schema}.snapshots (hash, version, position, latest, fingerprint, checksum, payload)
      VALUES (p_hash, p_version, p_position, p_latest, p_fingerprint, p_checksum, p_payload);
    END IF;
  END IF;
  RETURN true;
END
$$;
