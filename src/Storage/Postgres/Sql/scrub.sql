-- Removes the content of at most so many cleared events, the oldest clearing first; whether there is more.
CREATE OR REPLACE FUNCTION {schema}.scrub(p_events_max integer, p_tombstone integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_left integer := p_events_max;
  v_clearing record;
  v_walked bigint;
  v_next bigint;
BEGIN
  WHILE v_left > 0 LOOP
    -- What another process scrubs now is left to it.
    SELECT c.stream, c.position, c.unscrubbed, c.stream % 64 AS partition INTO v_clearing
    FROM {schema}.clearings c WHERE c.unscrubbed > 0
    ORDER BY c.position, c.stream LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;

    WITH RECURSIVE walk AS (
      SELECT l.position, l.prev, l.version, 1 AS walked FROM {schema}.log l
      WHERE l.partition = v_clearing.partition AND l.position = v_clearing.unscrubbed AND l.stream = v_clearing.stream
      UNION ALL
      SELECT l.position, l.prev, l.version, w.walked + 1
      FROM walk w JOIN {schema}.log l ON l.partition = v_clearing.partition AND l.position = w.prev
        AND l.stream = v_clearing.stream
      WHERE w.version > 1 AND w.walked < v_left
    ), scrubbed AS (
      UPDATE {schema}.log l SET type = p_tombstone, metadata = NULL, payload = ''
      FROM walk w WHERE l.partition = v_clearing.partition AND l.position = w.position
    )
    SELECT count(*), (SELECT w.prev FROM walk w ORDER BY w.position LIMIT 1) INTO v_walked, v_next FROM walk;
    IF v_walked = 0 THEN
      RAISE EXCEPTION 'position % of partition % is missing', v_clearing.unscrubbed, v_clearing.partition
        USING ERRCODE = 'data_corrupted';
    END IF;

    UPDATE {schema}.clearings c SET unscrubbed = v_next
    WHERE c.stream = v_clearing.stream AND c.position = v_clearing.position;
    v_left := v_left - v_walked;
  END LOOP;
  RETURN EXISTS (SELECT FROM {schema}.clearings c WHERE c.unscrubbed > 0);
END
$$;
