-- What a store of schema version 2 has of what version 3 makes anew: how silos of that version read.
DROP FUNCTION {schema}.read_stream_page, {schema}.read_stream_head, {schema}.read_streams, {schema}.read_first,
  {schema}.read_checkpoints, {schema}.delete_checkpoints;

CREATE OR REPLACE FUNCTION {schema}.read_stream(
  p_partition integer,
  p_stream bigint,
  p_after bigint,
  p_end bigint,
  p_head_version bigint,
  p_head_position bigint,
  p_mark_position bigint,
  p_bytes_max bigint)
RETURNS TABLE (
  cleared bigint, head bigint,
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_start record;
BEGIN
  SELECT * INTO v_start
  FROM {schema}.find_start(p_stream, p_end, p_head_version, p_head_position, p_mark_position);
  IF v_start.version IS NULL OR v_start.version <= p_after THEN
    RETURN QUERY SELECT v_start.cleared, v_start.head, NULL::bigint, NULL::bigint, NULL::bigint, NULL::integer,
      NULL::timestamptz, NULL::uuid, NULL::uuid, NULL::bytea, NULL::bytea;
    RETURN;
  END IF;

  RETURN QUERY
  WITH RECURSIVE walk AS (
    SELECT l.position, l.prev, l.version,
      octet_length(l.payload) + coalesce(octet_length(l.metadata), 0) AS bytes
    FROM {schema}.log l WHERE l.partition = p_partition AND l.position = v_start.position
    UNION ALL
    SELECT l.position, l.prev, l.version, octet_length(l.payload) + coalesce(octet_length(l.metadata), 0)
    FROM walk w JOIN {schema}.log l ON l.partition = p_partition AND l.position = w.prev
    WHERE w.version > p_after + 1
  ), counted AS (
    SELECT w.position, w.version, sum(w.bytes) OVER (ORDER BY w.version) AS bytes FROM walk w
  )
  SELECT v_start.cleared, v_start.head,
    l.position, l.version, l.stream, l.type, l.recorded, l.id, l.append_id, l.metadata, l.payload
  FROM counted c JOIN {schema}.log l ON l.partition = p_partition AND l.position = c.position
  WHERE c.bytes <= p_bytes_max OR c.version = p_after + 1
  ORDER BY c.version;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.read_head(
  p_partition integer,
  p_stream bigint,
  p_version bigint,
  p_position bigint,
  p_first bigint,
  OUT version bigint,
  OUT "position" bigint,
  OUT created timestamptz,
  OUT updated timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_cleared bigint;
BEGIN
  SELECT s.cleared, s.head, s.position INTO v_cleared, version, position
  FROM {schema}.find_start(p_stream, 9223372036854775807, p_version, p_position, NULL) s;
  IF version > 0 THEN
    IF p_first IS NULL OR p_first <= v_cleared THEN
      SELECT m.position INTO p_first FROM {schema}.marks m WHERE m.stream = p_stream AND m.version = 1;
    END IF;
    SELECT l.recorded INTO created FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position = p_first AND l.stream = p_stream AND l.version = 1;
    SELECT l.recorded INTO updated FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position = read_head.position AND l.stream = p_stream
      AND l.version = read_head.version;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.analyze_tables() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  ANALYZE {schema}.log, {schema}.streams, {schema}.clearings, {schema}.heads, {schema}.marks;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.read_log(
  p_partition integer,
  p_after bigint,
  p_limit integer,
  p_bytes_max bigint)        -- of payload and metadata, unless it is one event
RETURNS TABLE (
  last bigint,               -- the partition's last position
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea, is_cleared boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_last bigint;
BEGIN
  SELECT coalesce(max(l.position), 0) INTO v_last FROM {schema}.log l WHERE l.partition = p_partition;
  RETURN QUERY
  SELECT v_last, k.position, k.version, k.stream, k.type, k.recorded, k.id, k.append_id,
    CASE WHEN NOT k.is_cleared THEN k.metadata END, CASE WHEN k.is_cleared THEN '' ELSE k.payload END, k.is_cleared
  FROM (
    SELECT l.*, sum(octet_length(l.payload) + coalesce(octet_length(l.metadata), 0))
        OVER (ORDER BY l.position ROWS UNBOUNDED PRECEDING) AS bytes,
      l.version > 0 AND EXISTS (SELECT FROM {schema}.clearings u
        WHERE u.unscrubbed > 0 AND u.stream = l.stream AND u.position > l.position) AS is_cleared
    FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position > p_after AND l.position <= least(p_after, v_last) + p_limit
  ) k
  WHERE k.bytes <= p_bytes_max OR k.position - 1 = p_after
  ORDER BY k.position;
  IF NOT FOUND THEN
    RETURN QUERY SELECT v_last, NULL::bigint, NULL::bigint, NULL::bigint, NULL::integer, NULL::timestamptz, NULL::uuid,
      NULL::uuid, NULL::bytea, NULL::bytea, NULL::boolean;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.read_filtered_log(
  p_partition integer,
  p_after bigint,
  p_limit integer,
  p_looked_max integer,      -- how many events are looked at
  p_bytes_max bigint,
  p_categories bytea[],      -- NULL takes all
  p_types bytea[],
  p_tombstone bytea)         -- the type of an event that is cleared
RETURNS TABLE (
  last bigint,
  through bigint,            -- the last position that was looked at
  looked bigint,             -- how many events were looked at
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea, is_cleared boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_last bigint;
BEGIN
  SELECT coalesce(max(l.position), 0) INTO v_last FROM {schema}.log l WHERE l.partition = p_partition;
  RETURN QUERY
  WITH looked AS MATERIALIZED (
    SELECT l.position, l.version, l.stream, l.type, l.recorded, l.id, l.append_id,
      CASE WHEN c.stream IS NULL THEN l.metadata END AS metadata,
      CASE WHEN c.stream IS NULL THEN l.payload ELSE '' END AS payload,
      s.category, c.stream IS NOT NULL AS is_cleared
    FROM {schema}.log l
    LEFT JOIN LATERAL (SELECT n.category FROM {schema}.streams n WHERE n.stream = l.stream LIMIT 1) s ON true
    LEFT JOIN LATERAL (
      SELECT u.stream FROM {schema}.clearings u
      WHERE l.version > 0 AND u.unscrubbed > 0 AND u.stream = l.stream AND u.position > l.position LIMIT 1) c ON true
    WHERE l.partition = p_partition AND l.position > p_after AND l.position <= least(p_after, v_last) + p_looked_max
  ), taken AS (
    SELECT k.*, (p_categories IS NULL OR k.category = ANY (p_categories)) AND (p_types IS NULL OR EXISTS (
        SELECT FROM {schema}.types t WHERE t.type = k.type
          AND CASE WHEN k.is_cleared THEN p_tombstone ELSE t.name END = ANY (p_types))) AS is_taken
    FROM looked k
  ), counted AS MATERIALIZED (
    SELECT t.position, t.is_taken, count(*) FILTER (WHERE t.is_taken) OVER upto AS events,
      sum(octet_length(t.payload) + coalesce(octet_length(t.metadata), 0)) FILTER (WHERE t.is_taken) OVER upto AS bytes
    FROM taken t WINDOW upto AS (ORDER BY t.position)
  ), page AS (
    -- What is not taken after the last event of a full page is looked at by the next one.
    SELECT c.position, c.is_taken FROM counted c
    WHERE c.events <= p_limit AND (coalesce(c.bytes, 0) <= p_bytes_max OR c.events <= 1)
  )
  SELECT v_last, coalesce((SELECT max(p.position) FROM page p), p_after), (SELECT count(*) FROM page),
    k.position, k.version, k.stream, k.type, k.recorded, k.id, k.append_id, k.metadata, k.payload, k.is_cleared
  FROM (SELECT 1) one
  LEFT JOIN page p ON p.is_taken
  LEFT JOIN looked k ON k.position = p.position
  ORDER BY k.position;
END
$$;

CREATE OR REPLACE VIEW {schema}.event_log AS
SELECT
  l.partition,
  l.position,
  {schema}.readable(s.category) || '/' || {schema}.readable(s.key) AS stream,
  l.version,
  CASE WHEN cleared.is_cleared THEN 'granary.tombstone' ELSE {schema}.readable(t.name) END AS type,
  CASE WHEN cleared.is_cleared THEN 1 ELSE t.schema_version END AS schema_version,
  l.recorded AS timestamp,
  CASE WHEN cleared.is_cleared THEN '' ELSE {schema}.readable(l.payload) END AS data,
  CASE WHEN cleared.is_cleared OR l.metadata IS NULL THEN '{}' ELSE {schema}.readable(l.metadata) END AS metadata,
  l.id
FROM {schema}.log l
JOIN {schema}.streams s ON s.stream = l.stream
JOIN {schema}.types t ON t.type = l.type
CROSS JOIN LATERAL (SELECT l.version > 0 AND EXISTS (SELECT FROM {schema}.clearings c
  WHERE c.unscrubbed > 0 AND c.stream = l.stream AND c.position > l.position) AS is_cleared) cleared;

DROP TABLE {schema}.truncations;
UPDATE {schema}.store SET version = 2;
