-- A name or a content for people; bytes that are no text are shown in hexadecimal.
CREATE OR REPLACE FUNCTION {schema}.readable(p_bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(p_bytes, 'UTF8');
EXCEPTION WHEN OTHERS THEN
  RETURN p_bytes::text;
END
$$;

-- For people: select * from event_log.
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
CROSS JOIN LATERAL (SELECT l.version > 0 AND (
  EXISTS (SELECT FROM {schema}.clearings c
    WHERE c.unscrubbed > 0 AND c.stream = l.stream AND c.position > l.position)
  OR EXISTS (SELECT FROM {schema}.truncations t
    WHERE t.unscrubbed > 0 AND t.stream = l.stream AND t.position > l.position)) AS is_cleared) cleared;
