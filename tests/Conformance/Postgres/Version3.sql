-- What a schema of version 3 has otherwise than one of today: the log is read without streams, and there are no models.
DROP FUNCTION {schema}.read_filtered_log(
  integer, bigint, integer, integer, bigint, bytea[], bytea[], bytea, bytea[]);
DROP TABLE {schema}.model_tables, {schema}.model_views, {schema}.model_checkpoints;
UPDATE {schema}.store SET version = 3;

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
  p_tombstone bytea)         -- the type of an event that is removed
RETURNS TABLE (
  last bigint,
  through bigint,            -- the last position that was looked at
  looked bigint,             -- how many events were looked at
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
  WITH looked AS MATERIALIZED (
    SELECT l.position, l.version, l.stream, l.type, l.recorded, l.id, l.append_id,
      CASE WHEN r.stream IS NULL THEN l.metadata END AS metadata,
      CASE WHEN r.stream IS NULL THEN l.payload ELSE '' END AS payload,
      s.category, r.stream IS NOT NULL AS is_cleared
    FROM {schema}.log l
    LEFT JOIN LATERAL (SELECT n.category FROM {schema}.streams n WHERE n.stream = l.stream LIMIT 1) s ON true
    LEFT JOIN LATERAL (
      SELECT u.stream FROM {schema}.clearings u
      WHERE l.version > 0 AND u.unscrubbed > 0 AND u.stream = l.stream AND u.position > l.position
      UNION ALL
      SELECT t.stream FROM {schema}.truncations t
      WHERE v_is_truncated AND l.version > 0
        AND t.unscrubbed > 0 AND t.stream = l.stream AND t.position > l.position
      LIMIT 1) r ON true
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
