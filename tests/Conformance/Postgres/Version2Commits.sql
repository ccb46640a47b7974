-- What a store of schema version 2 has of what version 3 makes anew: how silos of that version commit.
DROP FUNCTION {schema}.append, {schema}.truncate_stream;

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
  OUT last bigint,              -- the partition's last position before these events
  OUT recorded timestamptz,
  OUT is_current boolean,
  OUT epoch bigint,             -- the partition's epoch; 0 where any will do
  OUT followed bigint[],        -- the judged streams whose events were written after what has come since
  OUT followed_versions bigint[])  -- the version of each before that
LANGUAGE plpgsql AS $$
DECLARE
  latest timestamptz;
  followed_positions bigint[];
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM {schema}.lock_partition(p_partition, p_wait_ms);

  SELECT l.position, l.recorded INTO last, latest
  FROM {schema}.log l WHERE l.partition = p_partition ORDER BY l.position DESC LIMIT 1;
  last := coalesce(last, 0);
  recorded := greatest(p_at, latest);

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

CREATE OR REPLACE FUNCTION {schema}.scrub(p_events_max integer, p_bytes_max bigint, p_tombstone integer)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_left integer := p_events_max;
  v_bytes_left bigint := p_bytes_max;
  v_clearing record;
  v_after_position bigint := 0;
  v_after_stream bigint := 0;
  v_damage text;
  v_walked bigint;
  v_bytes bigint;
  v_next bigint;
BEGIN
  WHILE v_left > 0 AND v_bytes_left > 0 LOOP
    -- What another process scrubs now is left to it.
    SELECT c.stream, c.position, c.unscrubbed, c.stream % 64 AS partition INTO v_clearing
    FROM {schema}.clearings c
    WHERE c.unscrubbed > 0 AND (c.position, c.stream) > (v_after_position, v_after_stream)
    ORDER BY c.position, c.stream LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;

    WITH RECURSIVE walk AS (
      SELECT l.position, l.prev, l.version, 1 AS walked,
        (octet_length(l.payload) + coalesce(octet_length(l.metadata), 0))::bigint AS bytes
      FROM {schema}.log l
      WHERE l.partition = v_clearing.partition AND l.position = v_clearing.unscrubbed AND l.stream = v_clearing.stream
      UNION ALL
      SELECT l.position, l.prev, l.version, w.walked + 1,
        w.bytes + octet_length(l.payload) + coalesce(octet_length(l.metadata), 0)
      FROM walk w JOIN {schema}.log l ON l.partition = v_clearing.partition AND l.position = w.prev
        AND l.stream = v_clearing.stream
      WHERE w.version > 1 AND w.walked < v_left AND w.bytes < v_bytes_left
    ), scrubbed AS (
      UPDATE {schema}.log l SET type = p_tombstone, metadata = NULL, payload = ''
      FROM walk w WHERE l.partition = v_clearing.partition AND l.position = w.position
    )
    SELECT count(*), max(w.bytes), (SELECT f.prev FROM walk f ORDER BY f.position LIMIT 1)
    INTO v_walked, v_bytes, v_next FROM walk w;
    IF v_walked = 0 THEN
      v_damage := coalesce(v_damage, format(
        'position %s of partition %s is missing', v_clearing.unscrubbed, v_clearing.partition));
      v_after_position := v_clearing.position;
      v_after_stream := v_clearing.stream;
      CONTINUE;
    END IF;

    UPDATE {schema}.clearings c SET unscrubbed = v_next
    WHERE c.stream = v_clearing.stream AND c.position = v_clearing.position;
    v_left := v_left - v_walked;
    v_bytes_left := v_bytes_left - v_bytes;
  END LOOP;
  IF v_left = p_events_max AND v_damage IS NOT NULL THEN
    RAISE EXCEPTION '%', v_damage USING ERRCODE = 'data_corrupted';
  END IF;
  RETURN v_left < p_events_max AND EXISTS (SELECT FROM {schema}.clearings c WHERE c.unscrubbed > 0);
END
$$;

CREATE OR REPLACE FUNCTION {schema}.write_snapshot(
  p_hash bytea,
  p_version bigint,
  p_position bigint,
  p_latest timestamptz,
  p_fingerprint bytea,
  p_checksum bigint,
  p_payload bytea,
  p_kept_max integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.check_isolation();
  PERFORM {schema}.lock_snapshots(p_hash);
  IF EXISTS (
    SELECT FROM {schema}.streams s JOIN {schema}.clearings c ON c.stream = s.stream
    WHERE s.hash = p_hash AND c.position >= p_position) THEN
    RETURN;
  END IF;

  INSERT INTO {schema}.snapshots AS s (hash, version, position, latest, fingerprint, checksum, payload)
  VALUES (p_hash, p_version, p_position, p_latest, p_fingerprint, p_checksum, p_payload)
  ON CONFLICT (hash, version) DO UPDATE SET position = excluded.position, latest = excluded.latest,
    fingerprint = excluded.fingerprint, checksum = excluded.checksum, payload = excluded.payload;

  DELETE FROM {schema}.snapshots s WHERE s.hash = p_hash AND s.version <= (
    SELECT k.version FROM {schema}.snapshots k WHERE k.hash = p_hash
    ORDER BY k.version DESC LIMIT 1 OFFSET p_kept_max);
END
$$;
