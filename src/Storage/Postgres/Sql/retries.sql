-- The event of an append among the last events of a stream before a position, that one included: of the append's
-- events, the last. At most so many events back.
CREATE OR REPLACE FUNCTION {schema}.find_append(
  p_partition integer, p_stream bigint, p_position bigint, p_append_id uuid, p_count bigint)
RETURNS TABLE (version bigint, "position" bigint, recorded timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  WITH RECURSIVE walk AS (
    SELECT l.position, l.prev, l.version, l.recorded, coalesce(l.append_id, l.id) AS append_id, 1 AS walked
    FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position = p_position AND l.stream = p_stream
    UNION ALL
    SELECT l.position, l.prev, l.version, l.recorded, coalesce(l.append_id, l.id), w.walked + 1
    FROM walk w JOIN {schema}.log l ON l.partition = p_partition AND l.position = w.prev AND l.stream = p_stream
    WHERE w.version > 1 AND w.walked < p_count AND w.append_id <> p_append_id
  )
  SELECT w.version, w.position, w.recorded FROM walk w WHERE w.append_id = p_append_id;
END
$$;

-- The last event of an append whose first event has a version; none where another event has it. Of the events that may
-- be the append's, p_end is the marked version after the last.
CREATE OR REPLACE FUNCTION {schema}.find_append_at(
  p_partition integer,
  p_stream bigint,
  p_first bigint,
  p_append_id uuid,
  p_end bigint,
  p_head_version bigint,
  p_head_position bigint,
  p_mark_position bigint)
RETURNS TABLE (version bigint, "position" bigint, recorded timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_start record;
BEGIN
  SELECT * INTO v_start
  FROM {schema}.find_start(p_stream, p_end, p_head_version, p_head_position, p_mark_position);
  RETURN QUERY
  WITH RECURSIVE walk AS (
    SELECT l.position, l.prev, l.version, l.recorded, coalesce(l.append_id, l.id) AS append_id FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position = v_start.position AND l.stream = p_stream
    UNION ALL
    SELECT l.position, l.prev, l.version, l.recorded, coalesce(l.append_id, l.id)
    FROM walk w JOIN {schema}.log l ON l.partition = p_partition AND l.position = w.prev AND l.stream = p_stream
    WHERE w.version > p_first
  )
  SELECT w.version, w.position, w.recorded FROM walk w
  WHERE w.append_id = p_append_id
    AND EXISTS (SELECT FROM walk f WHERE f.version = p_first AND f.append_id = p_append_id)
  ORDER BY w.version DESC LIMIT 1;
END
$$;

-- The markers of the stream's last clearings, newest first, and the last event that each of them cleared.
CREATE OR REPLACE FUNCTION {schema}.read_clearings(p_partition integer, p_stream bigint, p_count bigint)
RETURNS TABLE ("position" bigint, append_id uuid, recorded timestamptz, last_version bigint, last_position bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT c.position, coalesce(l.append_id, l.id), l.recorded, e.version, e.position
  FROM (SELECT k.position FROM {schema}.clearings k
    WHERE k.stream = p_stream ORDER BY k.position DESC LIMIT p_count) c
  LEFT JOIN {schema}.log l ON l.partition = p_partition AND l.position = c.position AND l.stream = p_stream
  LEFT JOIN {schema}.log e ON e.partition = p_partition AND e.position = l.prev AND e.stream = p_stream
  ORDER BY c.position DESC;
END
$$;
