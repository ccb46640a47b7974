-- Where a walk back through a stream begins: at its head or, where that is after a marked version, at the mark of that.
-- What the process knows and the tables do not yet have it brings along.
CREATE OR REPLACE FUNCTION {schema}.find_start(
  p_stream bigint,
  p_end bigint,              -- a marked version
  p_head_version bigint,     -- the stream's last event, where it is not in the tables
  p_head_position bigint,
  p_mark_position bigint,    -- the event of the marked version, where it is not in the tables
  OUT cleared bigint,        -- the position of the stream's last clearing, or 0
  OUT head bigint,           -- the version at which the stream ends; NULL where its head is lost
  OUT version bigint,
  OUT "position" bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_mark bigint := p_mark_position;
BEGIN
  SELECT coalesce(max(c.position), 0) INTO cleared FROM {schema}.clearings c WHERE c.stream = p_stream;
  version := p_head_version;
  position := p_head_position;
  IF position IS NULL THEN
    SELECT h.version, h.position INTO version, position FROM {schema}.heads h WHERE h.stream = p_stream;
  END IF;
  IF position <= cleared THEN
    version := 0;
    position := cleared;
  END IF;
  head := version;

  -- A mark from before the last clearing is none.
  IF p_end < version THEN
    IF v_mark IS NULL OR v_mark <= cleared THEN
      SELECT m.position INTO v_mark FROM {schema}.marks m WHERE m.stream = p_stream AND m.version = p_end;
    END IF;
    IF v_mark > cleared AND v_mark < position THEN
      version := p_end;
      position := v_mark;
    END IF;
  END IF;
END
$$;

-- A page of a stream: events after a version, oldest first, by a walk back from event to event. There is always a row:
-- of an empty page it has no event. Where the next event was removed, the page is of no use: see first.
CREATE OR REPLACE FUNCTION {schema}.read_stream_page(
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
  first bigint,              -- the version of the first event that the stream still has
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_start record;
  v_first bigint;
BEGIN
  SELECT * INTO v_start
  FROM {schema}.find_start(p_stream, p_end, p_head_version, p_head_position, p_mark_position);
  v_first := {schema}.read_first(p_stream, v_start.cleared, 9223372036854775807);
  IF v_start.version IS NULL OR v_start.version <= p_after THEN
    RETURN QUERY SELECT v_start.cleared, v_start.head, v_first, NULL::bigint, NULL::bigint, NULL::bigint,
      NULL::integer, NULL::timestamptz, NULL::uuid, NULL::uuid, NULL::bytea, NULL::bytea;
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
  SELECT v_start.cleared, v_start.head, v_first,
    l.position, l.version, l.stream, l.type, l.recorded, l.id, l.append_id, l.metadata, l.payload
  FROM counted c JOIN {schema}.log l ON l.partition = p_partition AND l.position = c.position
  WHERE c.bytes <= p_bytes_max OR c.version = p_after + 1
  ORDER BY c.version;
END
$$;
