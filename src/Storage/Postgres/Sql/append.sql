-- Locks a partition until the transaction ends: that of one function, which waits for no client.
CREATE OR REPLACE FUNCTION {schema}.lock_partition(p_partition integer, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.check_isolation();
  PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
  PERFORM pg_advisory_xact_lock('{schema}.log'::regclass::oid::integer, p_partition);
END
$$;

-- Commits what a process has judged by what it knows of a partition, in one round trip. The fence: under the
-- partition's lock, nothing that was judged may have changed since, but for streams whose events may follow what has
-- come. Otherwise nothing is written.
CREATE OR REPLACE FUNCTION {schema}.append(
  p_partition integer,
  p_known bigint,               -- the position up to which the process knows the partition
  p_lag_max bigint,             -- how much further the log may be for this call to look for itself
  p_wait_ms integer,            -- how long the lock is waited for
  p_epoch bigint,               -- the partition's epoch in which alone this may be written; 0: in any
  p_at timestamptz,
  p_judged bigint[],            -- the numbers of the streams whose judgement has to hold still
  p_bases bigint[],             -- the version at which each was judged, where its events may follow what has come since
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
  p_times timestamptz[],        -- when the events were recorded first; NULL where all are now, as one is that is NULL
                                -- or later than now
  OUT last bigint,              -- the partition's last position before these events
  OUT latest timestamptz,       -- when the event there was recorded
  OUT is_current boolean,
  OUT epoch bigint,             -- the partition's epoch; 0 where any will do
  OUT followed bigint[],        -- the judged streams whose events were written after what has come since
  OUT followed_versions bigint[])  -- the version of each before that
LANGUAGE plpgsql AS $$
DECLARE
  v_recorded timestamptz;
  followed_positions bigint[];
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM {schema}.lock_partition(p_partition, p_wait_ms);

  SELECT l.position, l.recorded INTO last, latest
  FROM {schema}.log l WHERE l.partition = p_partition ORDER BY l.position DESC LIMIT 1;
  last := coalesce(last, 0);

  epoch := CASE WHEN p_epoch = 0 THEN 0 ELSE {schema}.read_epoch(p_partition) END;
  is_current := epoch = p_epoch AND last >= p_known;
  IF NOT is_current THEN
    RETURN;
  END IF;

  IF last > p_known AND cardinality(p_judged) > 0 THEN
    is_current := last - p_known <= p_lag_max;
    IF NOT is_current THEN
      RETURN;
    END IF;
    SELECT array_agg(l.stream), array_agg(l.version), array_agg(l.position),
      coalesce(bool_and(l.basis IS NOT NULL AND l.version > 0), true)
    INTO followed, followed_versions, followed_positions, is_current
    FROM (
      SELECT DISTINCT ON (l.stream) l.stream, l.version, l.position, judged.basis
      FROM {schema}.log l JOIN unnest(p_judged, p_bases) AS judged(stream, basis) ON judged.stream = l.stream
      WHERE l.partition = p_partition AND l.position > p_known AND l.position <= last
      ORDER BY l.stream, l.position DESC) AS l;

    -- One of these appends may be among what has come.
    IF is_current AND followed IS NOT NULL THEN
      is_current := NOT EXISTS (
        SELECT FROM {schema}.log l
        WHERE l.partition = p_partition AND l.position > p_known AND l.position <= last AND l.stream = ANY (followed)
          AND coalesce(l.append_id, l.id) IN (
            SELECT coalesce(e.append_id, e.id) FROM unnest(p_append_ids, p_ids) AS e(append_id, id)));
    END IF;
    IF is_current AND followed IS NOT NULL THEN
      SELECT
        array_agg(CASE WHEN f.stream IS NULL OR e.version = 0 THEN e.version
          ELSE e.version - judged.basis + f.version END ORDER BY e.at),
        array_agg(CASE WHEN f.stream IS NULL OR e.prev < 0 THEN e.prev ELSE f.position END ORDER BY e.at)
      INTO p_versions, p_prevs
      FROM unnest(p_streams, p_versions, p_prevs) WITH ORDINALITY AS e(stream, version, prev, at)
      LEFT JOIN unnest(followed, followed_versions, followed_positions) AS f(stream, version, position)
        ON f.stream = e.stream
      LEFT JOIN unnest(p_judged, p_bases) AS judged(stream, basis) ON judged.stream = f.stream;
    END IF;
  END IF;
  IF is_current AND cardinality(p_absent) > 0 THEN
    is_current := NOT {schema}.has_stream(p_absent);
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

  -- No event is recorded before the one before it.
  v_recorded := greatest(p_at, latest);
  IF p_times IS NOT NULL THEN
    SELECT array_agg(t.upto ORDER BY t.at) INTO p_times
    FROM (
      SELECT e.at, greatest(max(least(e.time, p_at)) OVER (ORDER BY e.at), latest) AS upto
      FROM unnest(p_times) WITH ORDINALITY AS e(time, at)) AS t;
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
    CASE WHEN p_times IS NULL THEN v_recorded ELSE p_times[e.at] END,
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

-- Ends the server's process of a connection that was lost in a commit; whether it has ended. It may be idle: what was
-- sent may arrive later. Where it is not found, as through a pooler, the lock waits for what has arrived.
CREATE OR REPLACE FUNCTION {schema}.end_commit(p_process integer, p_partition integer, p_wait_ms integer)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_process integer;
BEGIN
  SELECT a.pid INTO v_process FROM pg_stat_activity a
  WHERE a.pid = p_process AND a.pid <> pg_backend_pid() AND a.usename = session_user
    AND a.datname = current_database();
  IF v_process IS NOT NULL AND NOT pg_terminate_backend(v_process, 5000) THEN
    RETURN false;
  END IF;
  PERFORM {schema}.lock_partition(p_partition, p_wait_ms);
  RETURN true;
END
$$;
