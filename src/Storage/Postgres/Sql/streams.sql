-- A page of the names of streams, in the order of their numbers, of those that some categories take. The last one that
-- was looked at is among the rows, taken or not.
CREATE OR REPLACE FUNCTION {schema}.read_streams(
  p_after bigint,            -- the number of a stream, or 0
  p_limit integer,
  p_looked_max integer,      -- how many streams are looked at
  p_categories bytea[])      -- NULL takes all
RETURNS TABLE (category bytea, key bytea, is_taken boolean, has_more boolean)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
  RETURN QUERY
  WITH looked AS MATERIALIZED (
    SELECT s.stream, s.category, s.key, p_categories IS NULL OR s.category = ANY (p_categories) AS is_taken
    FROM {schema}.streams s WHERE s.stream > p_after ORDER BY s.stream LIMIT p_looked_max + 1
  ), counted AS (
    SELECT k.*, count(*) OVER upto AS streams, count(*) FILTER (WHERE k.is_taken) OVER upto AS taken
    FROM looked k WINDOW upto AS (ORDER BY k.stream ROWS UNBOUNDED PRECEDING)
  ), page AS MATERIALIZED (
    SELECT c.* FROM counted c WHERE c.streams <= p_looked_max AND c.taken <= p_limit
  )
  SELECT p.category, p.key, p.is_taken, p.streams < (SELECT count(*) FROM looked)
  FROM page p
  WHERE p.is_taken OR p.streams = (SELECT count(*) FROM page)
  ORDER BY p.stream;
END
$$;
