-- Where the events of a partition after a position are. Positions have no gaps, so the bound of a page is a position: a
-- LIMIT would leave it to the planner's guesses whether the whole rest of the log is read and sorted first.
CREATE OR REPLACE FUNCTION {schema}.read_addresses(p_partition integer, p_after bigint, p_limit integer)
RETURNS TABLE (stream bigint, version bigint, "position" bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY SELECT l.stream, l.version, l.position FROM {schema}.log l
  WHERE l.partition = p_partition AND l.position > p_after AND l.position <= p_after + p_limit
  ORDER BY l.position;
END
$$;

-- Whether one of the names has a stream. Here and below a name is always looked up by the index: where there are some
-- hundreds, or while the table is small, a plan may be to read the whole table, and is kept when it has grown.
CREATE OR REPLACE FUNCTION {schema}.has_stream(p_hashes bytea[]) RETURNS boolean
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM {schema}.streams s WHERE s.hash = ANY (p_hashes));
END
$$;

-- The number of each name that has a stream, and the last event that the tables have of it.
CREATE OR REPLACE FUNCTION {schema}.find_streams(p_hashes bytea[])
RETURNS TABLE (hash bytea, stream bigint, version bigint, "position" bigint)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
  RETURN QUERY SELECT s.hash, s.stream, h.version, h.position
  FROM {schema}.streams s LEFT JOIN {schema}.heads h ON h.stream = s.stream
  WHERE s.hash = ANY (p_hashes);
END
$$;

-- Where a stream ends, when its first and its last event were recorded, and which is the first that it still has. What
-- the tables do not have yet the process brings along.
CREATE OR REPLACE FUNCTION {schema}.read_stream_head(
  p_partition integer,
  p_stream bigint,
  p_version bigint,
  p_position bigint,
  p_first bigint,
  OUT version bigint,
  OUT "position" bigint,
  OUT created timestamptz,
  OUT updated timestamptz,
  OUT first bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_cleared bigint;
BEGIN
  SELECT s.cleared, s.head, s.position INTO v_cleared, version, position
  FROM {schema}.find_start(p_stream, 9223372036854775807, p_version, p_position, NULL) s;
  first := 0;
  IF version > 0 THEN
    first := {schema}.read_first(p_stream, v_cleared, 9223372036854775807);
    IF p_first IS NULL OR p_first <= v_cleared THEN
      SELECT m.position INTO p_first FROM {schema}.marks m WHERE m.stream = p_stream AND m.version = 1;
    END IF;
    SELECT l.recorded INTO created FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position = p_first AND l.stream = p_stream AND l.version = 1;
    SELECT l.recorded INTO updated FROM {schema}.log l
    WHERE l.partition = p_partition AND l.position = read_stream_head.position AND l.stream = p_stream
      AND l.version = read_stream_head.version;
  END IF;
END
$$;

-- Writes a part of the index. What is newer stays: any process may write any part.
CREATE OR REPLACE FUNCTION {schema}.write_index(
  p_heads bigint[],
  p_head_versions bigint[],
  p_head_positions bigint[],
  p_marks bigint[],
  p_mark_versions bigint[],
  p_mark_positions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- It is durable with the position that the index is complete to, which is written last.
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO {schema}.heads AS h (stream, version, position)
  SELECT * FROM unnest(p_heads, p_head_versions, p_head_positions)
  ON CONFLICT (stream) DO UPDATE SET version = excluded.version, position = excluded.position
  WHERE excluded.position > h.position;
  INSERT INTO {schema}.marks AS m (stream, version, position)
  SELECT * FROM unnest(p_marks, p_mark_versions, p_mark_positions)
  ON CONFLICT (stream, version) DO UPDATE SET position = excluded.position
  WHERE excluded.position > m.position;
END
$$;

-- The position that heads and marks of a partition are complete to.
CREATE OR REPLACE FUNCTION {schema}.write_indexed(p_partition integer, p_position bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  UPDATE {schema}.indexed i SET position = p_position WHERE i.partition = p_partition AND i.position < p_position;
END
$$;

-- The numbers of event types, which are added where they are new.
CREATE OR REPLACE FUNCTION {schema}.find_or_add_type(p_name bytea, p_schema_version integer, p_content_type bytea)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  v_type integer;
BEGIN
  SELECT t.type INTO v_type FROM {schema}.types t
  WHERE t.name = p_name AND t.schema_version = p_schema_version AND t.content_type = p_content_type;
  IF v_type IS NULL THEN
    -- Who has the number keeps it: a crash of the server must not give it to another type.
    IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
      PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    INSERT INTO {schema}.types AS t (name, schema_version, content_type)
    VALUES (p_name, p_schema_version, p_content_type)
    ON CONFLICT (name, schema_version, content_type) DO UPDATE SET name = excluded.name
    RETURNING t.type INTO v_type;
  END IF;
  RETURN v_type;
END
$$;

-- The names of streams.
CREATE OR REPLACE FUNCTION {schema}.find_names(p_streams bigint[])
RETURNS TABLE (stream bigint, category bytea, key bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY SELECT s.stream, s.category, s.key FROM {schema}.streams s WHERE s.stream = ANY (p_streams);
END
$$;

-- The event types of numbers.
CREATE OR REPLACE FUNCTION {schema}.find_types(p_types integer[])
RETURNS TABLE (type integer, name bytea, schema_version integer, content_type bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY SELECT t.type, t.name, t.schema_version, t.content_type
  FROM {schema}.types t WHERE t.type = ANY (p_types);
END
$$;

CREATE OR REPLACE FUNCTION {schema}.read_indexed(p_partition integer) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT i.position FROM {schema}.indexed i WHERE i.partition = p_partition
$$;

-- Where each partition ends.
CREATE OR REPLACE FUNCTION {schema}.read_ends(p_partition_count integer)
RETURNS TABLE (partition integer, "position" bigint)
LANGUAGE sql STABLE AS $$
  SELECT p.partition, coalesce((SELECT max(l.position) FROM {schema}.log l WHERE l.partition = p.partition), 0)
  FROM generate_series(0, p_partition_count - 1) AS p(partition)
$$;

-- Counts the rows of the tables, so that plans are made anew by them.
CREATE OR REPLACE FUNCTION {schema}.analyze_tables() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  ANALYZE {schema}.log, {schema}.streams, {schema}.clearings, {schema}.truncations, {schema}.heads, {schema}.marks;
END
$$;
