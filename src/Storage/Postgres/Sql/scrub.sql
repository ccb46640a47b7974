-- Removes the content of at most so many cleared events, and of so many bytes unless it is one event, the oldest
-- clearing first. Whether there is more for this process: false where it could do nothing, as another one does it. A
-- clearing whose events do not fit together is passed over, and is an error where there is nothing else to do.
CREATE OR REPLACE FUNCTION {schema}.scrub(p_events_max integer, p_bytes_max bigint, p_tombstone integer)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_left integer := p_events_max;
  v_bytes_left bigint := p_bytes_max;
  v_clearing record;
  v_after_position bigint := 0;
  v_after_stream bigint := 0;
  v_damage text;
  v_walked bigint;
  v_bytes bigint;
  v_next bigint;
BEGIN
  WHILE v_left > 0 AND v_bytes_left > 0 LOOP
    -- What another process scrubs now is left to it.
    SELECT c.stream, c.position, c.unscrubbed, c.stream % 64 AS partition INTO v_clearing
    FROM {schema}.clearings c
    WHERE c.unscrubbed > 0 AND (c.position, c.stream) > (v_after_position, v_after_stream)
    ORDER BY c.position, c.stream LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;

    WITH RECURSIVE walk AS (
      SELECT l.position, l.prev, l.version, 1 AS walked,
        (octet_length(l.payload) + coalesce(octet_length(l.metadata), 0))::bigint AS bytes
      FROM {schema}.log l
      WHERE l.partition = v_clearing.partition AND l.position = v_clearing.unscrubbed AND l.stream = v_clearing.stream
      UNION ALL
      SELECT l.position, l.prev, l.version, w.walked + 1,
        w.bytes + octet_length(l.payload) + coalesce(octet_length(l.metadata), 0)
      FROM walk w JOIN {schema}.log l ON l.partition = v_clearing.partition AND l.position = w.prev
        AND l.stream = v_clearing.stream
      WHERE w.version > 1 AND w.walked < v_left AND w.bytes < v_bytes_left
    ), scrubbed AS (
      UPDATE {schema}.log l SET type = p_tombstone, metadata = NULL, payload = ''
      FROM walk w WHERE l.partition = v_clearing.partition AND l.position = w.position
    )
    SELECT count(*), max(w.bytes), (SELECT f.prev FROM walk f ORDER BY f.position LIMIT 1)
    INTO v_walked, v_bytes, v_next FROM walk w;
    IF v_walked = 0 THEN
      v_damage := coalesce(v_damage, format(
        'position %s of partition %s is missing', v_clearing.unscrubbed, v_clearing.partition));
      v_after_position := v_clearing.position;
      v_after_stream := v_clearing.stream;
      CONTINUE;
    END IF;

    UPDATE {schema}.clearings c SET unscrubbed = v_next
    WHERE c.stream = v_clearing.stream AND c.position = v_clearing.position;
    v_left := v_left - v_walked;
    v_bytes_left := v_bytes_left - v_bytes;
  END LOOP;
  IF v_left = p_events_max AND v_damage IS NOT NULL THEN
    RAISE EXCEPTION '%', v_damage USING ERRCODE = 'data_corrupted';
  END IF;
  RETURN v_left < p_events_max AND EXISTS (SELECT FROM {schema}.clearings c WHERE c.unscrubbed > 0);
END
$$;
