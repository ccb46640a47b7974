-- What silos of earlier schema versions read by, while they still run on a store that was migrated: streams in versions
-- 1 and 2, the log with a filter in versions 1 to 3. They append by the functions that are there since.

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
  v_first bigint := {schema}.read_first(
    p_stream, (SELECT coalesce(max(c.position), 0) FROM {schema}.clearings c WHERE c.stream = p_stream),
    9223372036854775807);
BEGIN
  -- Such a silo would take it for damage that the next event is not there.
  IF p_after < v_first - 1 THEN
    RAISE EXCEPTION 'version % of the stream was removed: it was truncated and begins at version %, which this version '
      'of Granary does not know. Update it', p_after + 1, v_first
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN QUERY SELECT p.cleared, p.head,
    p.position, p.version, p.stream, p.type, p.recorded, p.id, p.append_id, p.metadata, p.payload
  FROM {schema}.read_stream_page(p_partition, p_stream, p_after, p_end, p_head_version, p_head_position,
    p_mark_position, p_bytes_max) p;
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
LANGUAGE sql STABLE AS $$
  SELECT h.version, h.position, h.created, h.updated
  FROM {schema}.read_stream_head(p_partition, p_stream, p_version, p_position, p_first) h
$$;

CREATE OR REPLACE FUNCTION {schema}.read_filtered_log(
  p_partition integer,
  p_after bigint,
  p_limit integer,
  p_looked_max integer,
  p_bytes_max bigint,
  p_categories bytea[],
  p_types bytea[],
  p_tombstone bytea)
RETURNS TABLE (
  last bigint, through bigint, looked bigint,
  "position" bigint, version bigint, stream bigint, type integer, recorded timestamptz, id uuid, append_id uuid,
  metadata bytea, payload bytea, is_cleared boolean)
LANGUAGE sql STABLE AS $$
  SELECT * FROM {schema}.read_filtered_log(
    p_partition, p_after, p_limit, p_looked_max, p_bytes_max, p_categories, p_types, p_tombstone, NULL)
$$;
