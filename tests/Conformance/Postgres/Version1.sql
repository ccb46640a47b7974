-- The functions that silos of schema version 1 commit by.
-- Locks a partition until the transaction ends. A client that holds it and falls silent loses it after as long as
-- others wait for it.
CREATE OR REPLACE FUNCTION {schema}.lock_partition(p_partition integer, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.check_isolation();
  PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
  PERFORM set_config('idle_in_transaction_session_timeout', p_wait_ms || 'ms', true);
  PERFORM pg_advisory_xact_lock('{schema}.log'::regclass::oid::integer, p_partition);
END
$$;

-- Commits what a process has judged by what it knows of a partition, in one round trip. The fence: under the
-- partition's lock, nothing that was judged may have changed since. Otherwise nothing is written.
CREATE OR REPLACE FUNCTION {schema}.append(
  p_partition integer,
  p_known bigint,               -- the position up to which the process knows the partition
  p_lag_max bigint,             -- how much further the log may be for this call to look for itself; 0: not at all
  p_wait_ms integer,            -- how long the lock is waited for
  p_at timestamptz,
  p_judged bigint[],            -- the numbers of the streams whose judgement has to hold still
  p_absent bytea[],             -- the hashes of the names that must still have no stream
  p_added_offsets bigint[],     -- new streams: where among the events the first of each is
  p_added_hashes bytea[],
  p_added_categories bytea[],
  p_added_keys bytea[],
  p_streams bigint[],           -- the events; less than 0: the new stream that begins so far on
  p_versions bigint[],
  p_prevs bigint[],             -- less than 0: the event that is so far on in this call
  p_types integer[],
  p_ids uuid[],
  p_append_ids uuid[],
  p_metadata bytea[],
  p_payloads bytea[],
  p_cleared_offsets bigint[],   -- clearings: where among the events the marker of each is
  p_cleared_hashes bytea[],
  OUT last bigint,              -- the partition's last position before these events
  OUT recorded timestamptz,
  OUT is_current boolean)
LANGUAGE plpgsql AS $$
DECLARE
  latest timestamptz;
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM {schema}.lock_partition(p_partition, p_wait_ms);

  SELECT l.position, l.recorded INTO last, latest
  FROM {schema}.log l WHERE l.partition = p_partition ORDER BY l.position DESC LIMIT 1;
  last := coalesce(last, 0);
  recorded := greatest(p_at, latest);

  is_current := last = p_known OR (last > p_known AND p_lag_max > 0 AND (cardinality(p_judged) = 0
    OR (last - p_known <= p_lag_max AND NOT EXISTS (
      SELECT FROM {schema}.log l JOIN unnest(p_judged) AS judged(stream) ON judged.stream = l.stream
      WHERE l.partition = p_partition AND l.position > p_known AND l.position <= last))));
  IF is_current AND cardinality(p_absent) > 0 THEN
    is_current := NOT EXISTS (SELECT FROM {schema}.streams s WHERE s.hash = ANY (p_absent));
  END IF;
  IF NOT is_current OR cardinality(p_streams) = 0 THEN
    RETURN;
  END IF;

  IF cardinality(p_added_hashes) > 0 THEN
    INSERT INTO {schema}.streams (stream, hash, category, key)
    SELECT (last + added.at) * 64 + p_partition, added.hash, added.category, added.key
    FROM unnest(p_added_offsets, p_added_hashes, p_added_categories, p_added_keys)
      AS added(at, hash, category, key);
  END IF;

  INSERT INTO {schema}.log
    (partition, position, stream, version, prev, type, recorded, id, append_id, metadata, payload)
  SELECT
    p_partition,
    last + e.at,
    CASE WHEN e.stream < 0 THEN (last - e.stream) * 64 + p_partition ELSE e.stream END,
    e.version,
    CASE WHEN e.prev < 0 THEN last - e.prev ELSE e.prev END,
    e.type,
    append.recorded,
    e.id,
    e.append_id,
    e.metadata,
    e.payload
  FROM unnest(p_streams, p_versions, p_prevs, p_types, p_ids, p_append_ids, p_metadata, p_payloads)
    WITH ORDINALITY AS e(stream, version, prev, type, id, append_id, metadata, payload, at);

  IF cardinality(p_cleared_offsets) > 0 THEN
    PERFORM {schema}.lock_snapshots(hash) FROM unnest(p_cleared_hashes) AS cleared(hash) ORDER BY hash;
    INSERT INTO {schema}.clearings (stream, position, unscrubbed)
    SELECT l.stream, l.position, l.prev
    FROM unnest(p_cleared_offsets) AS cleared(at)
    JOIN {schema}.log l ON l.partition = p_partition AND l.position = last + cleared.at;
    DELETE FROM {schema}.snapshots s WHERE s.hash = ANY (p_cleared_hashes);
  END IF;
END
$$;
