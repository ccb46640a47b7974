-- A page of a partition's log: the next events. What is cleared, or removed by a truncation, has no content. There is
-- always a row: of an empty page it has no event. Positions have no gaps, so what is looked at is bounded by a
-- position, as in read_addresses.
CREATE OR REPLACE FUNCTION {schema}.read_log(
  p_partition integer,
  p_after bigint,
  p_limit integer,
  p_bytes_max bigint)        -- of payload and metadata, unless it is one event
RETURNS TABLE (
  last bigint,               -- the partition's last position
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea, is_cleared boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
DECLARE
  v_last bigint;
  v_is_truncated boolean := EXISTS (SELECT FROM {schema}.truncations t WHERE t.unscrubbed > 0);
BEGIN
  SELECT coalesce(max(l.position), 0) INTO v_last FROM {schema}.log l WHERE l.partition = p_partition;
  RETURN QUERY
  SELECT v_last, k.position, k.version, k.stream, k.type, k.recorded, k.id, k.append_id,
    CASE WHEN NOT k.is_cleared THEN k.metadata END, CASE WHEN k.is_cleared THEN '' ELSE k.payload END, k.is_cleared
  FROM (
    SELECT l.*, sum(octet_length(l.payload) + coalesce(octet_length(l.metadata), 0))
        OVER (ORDER BY l.position ROWS UNBOUNDED PRECEDING) AS bytes,
      l.version > 0 AND (
        EXISTS (SELECT FROM {schema}.clearings u
          WHERE u.unscrubbed > 0 AND u.stream = l.stream AND u.position > l.position)
        OR v_is_truncated AND EXISTS (SELECT FROM {schema}.truncations t
          WHERE t.unscrubbed > 0 AND t.stream = l.stream AND t.position > l.position)) AS is_cleared
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

-- The same with those of the next events that a filter takes. Each event looks up its own stream: a join could read all
-- of them.
CREATE OR REPLACE FUNCTION {schema}.read_filtered_log(
  p_partition integer,
  p_after bigint,
  p_limit integer,
  p_looked_max integer,      -- how many events are looked at
  p_bytes_max bigint,
  p_categories bytea[],      -- NULL takes all
  p_types bytea[],
  p_tombstone bytea,         -- the type of an event that is removed
  p_streams bytea[])         -- the hashes of the streams; NULL takes all
RETURNS TABLE (
  last bigint,
  through bigint,            -- the last position that was looked at
  looked bigint,             -- how many events were looked at
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea, is_cleared boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off  -- it reads all that may be looked at, and sorts it
AS $$
DECLARE
  v_last bigint;
  v_end bigint;              -- no event after it is looked at
  v_is_truncated boolean := EXISTS (SELECT FROM {schema}.truncations t WHERE t.unscrubbed > 0);
  v_streams bigint[] := ARRAY(SELECT s.stream FROM {schema}.streams s WHERE s.hash = ANY (p_streams));
  v_types integer[] := ARRAY(SELECT t.type FROM {schema}.types t WHERE t.name = ANY (p_types));
BEGIN
  SELECT coalesce(max(l.position), 0) INTO v_last FROM {schema}.log l WHERE l.partition = p_partition;
  v_end := least(v_last, p_after + p_looked_max);
  RETURN QUERY
  -- In the order of positions, so that the read ends where the page is full.
  WITH taken AS (
    SELECT l.position, l.version, l.stream, l.type, l.recorded, l.id, l.append_id,
      CASE WHEN r.stream IS NULL THEN l.metadata END AS metadata,
      CASE WHEN r.stream IS NULL THEN l.payload ELSE '' END AS payload,
      r.stream IS NOT NULL AS is_cleared
    FROM {schema}.log l
    LEFT JOIN LATERAL (
      SELECT u.stream FROM {schema}.clearings u
      WHERE l.version > 0 AND u.unscrubbed > 0 AND u.stream = l.stream AND u.position > l.position
      UNION ALL
      SELECT t.stream FROM {schema}.truncations t
      WHERE v_is_truncated AND l.version > 0
        AND t.unscrubbed > 0 AND t.stream = l.stream AND t.position > l.position
      LIMIT 1) r ON true
    WHERE l.partition = p_partition AND l.position > p_after AND l.position <= v_end
      AND (p_streams IS NULL OR l.stream = ANY (v_streams))
      AND (p_categories IS NULL
        OR (SELECT n.category FROM {schema}.streams n WHERE n.stream = l.stream) = ANY (p_categories))
      AND (p_types IS NULL
        OR CASE WHEN r.stream IS NULL THEN l.type = ANY (v_types) ELSE p_tombstone = ANY (p_types) END)
    ORDER BY l.position LIMIT p_limit
  ), counted AS MATERIALIZED (
    SELECT t.*, row_number() OVER upto AS number,
      sum(octet_length(t.payload) + coalesce(octet_length(t.metadata), 0)) OVER upto AS bytes
    FROM taken t WINDOW upto AS (ORDER BY t.position ROWS UNBOUNDED PRECEDING)
  ), reach AS MATERIALIZED (
    -- What is not taken after the last event of a full page is looked at by the next one.
    SELECT count(*) AS events, CASE
      WHEN count(*) = p_limit OR count(*) < (SELECT count(*) FROM counted) THEN max(c.position)
      ELSE greatest(v_end, p_after) END AS through
    FROM counted c WHERE c.bytes <= p_bytes_max OR c.number = 1
  ), looked AS MATERIALIZED (
    SELECT count(*) AS events FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position > p_after AND l.position <= (SELECT h.through FROM reach h)
  )
  SELECT v_last, h.through, (SELECT o.events FROM looked o),
    k.position, k.version, k.stream, k.type, k.recorded, k.id, k.append_id, k.metadata, k.payload, k.is_cleared
  FROM reach h LEFT JOIN counted k ON k.number <= h.events
  ORDER BY k.position;
END
$$;
