-- Removes the content of at most so many cleared or truncated events, and of so many bytes unless it is one event, the
-- oldest clearing or truncation first. Whether there is more for this process: false where it could do nothing, as
-- another one does it. A clearing whose events do not fit together is passed over, and is an error where there is
-- nothing else to do.
CREATE OR REPLACE FUNCTION {schema}.scrub(p_events_max integer, p_bytes_max bigint, p_tombstone integer)
RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  v_left integer := p_events_max;
  v_bytes_left bigint := p_bytes_max;
  v_removal record;
  v_until bigint;
  v_after_position bigint := 0;
  v_after_stream bigint := 0;
  v_damage text;
  v_walked bigint;
  v_bytes bigint;
  v_next bigint;
BEGIN
  WHILE v_left > 0 AND v_bytes_left > 0 LOOP
    -- What another process scrubs now is left to it.
    WITH clearing AS (
      SELECT c.stream, c.position, c.unscrubbed, false AS is_truncation FROM {schema}.clearings c
      WHERE c.unscrubbed > 0 AND (c.position, c.stream) > (v_after_position, v_after_stream)
      ORDER BY c.position, c.stream LIMIT 1 FOR UPDATE SKIP LOCKED
    ), truncation AS (
      SELECT t.stream, t.position, t.unscrubbed, true AS is_truncation FROM {schema}.truncations t
      WHERE t.unscrubbed > 0 AND (t.position, t.stream) > (v_after_position, v_after_stream)
      ORDER BY t.position, t.stream LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    SELECT r.*, r.stream % 64 AS partition INTO v_removal
    FROM (SELECT * FROM clearing UNION ALL SELECT * FROM truncation) r ORDER BY r.position, r.stream LIMIT 1;
    EXIT WHEN NOT FOUND;

    -- What an earlier truncation has removed is scrubbed, or is so by its own row.
    v_until := {schema}.read_first(
      v_removal.stream,
      (SELECT coalesce(max(c.position), 0) FROM {schema}.clearings c
        WHERE c.stream = v_removal.stream AND c.position < v_removal.position),
      v_removal.position);

    WITH RECURSIVE walk AS (
      SELECT l.position, l.prev, l.version, 1 AS walked,
        (octet_length(l.payload) + coalesce(octet_length(l.metadata), 0))::bigint AS bytes
      FROM {schema}.log l
      WHERE l.partition = v_removal.partition AND l.position = v_removal.unscrubbed AND l.stream = v_removal.stream
      UNION ALL
      SELECT l.position, l.prev, l.version, w.walked + 1,
        w.bytes + octet_length(l.payload) + coalesce(octet_length(l.metadata), 0)
      FROM walk w JOIN {schema}.log l ON l.partition = v_removal.partition AND l.position = w.prev
        AND l.stream = v_removal.stream
      WHERE w.version > v_until AND w.walked < v_left AND w.bytes < v_bytes_left
    ), scrubbed AS (
      UPDATE {schema}.log l SET type = p_tombstone, metadata = NULL, payload = ''
      FROM walk w WHERE l.partition = v_removal.partition AND l.position = w.position
    )
    SELECT count(*), max(w.bytes), (
      SELECT CASE WHEN f.version > v_until THEN f.prev ELSE 0 END FROM walk f ORDER BY f.position LIMIT 1)
    INTO v_walked, v_bytes, v_next FROM walk w;
    IF v_walked = 0 THEN
      v_damage := coalesce(v_damage, format(
        'position %s of partition %s is missing', v_removal.unscrubbed, v_removal.partition));
      v_after_position := v_removal.position;
      v_after_stream := v_removal.stream;
      CONTINUE;
    END IF;

    IF v_removal.is_truncation THEN
      UPDATE {schema}.truncations t SET unscrubbed = v_next
      WHERE t.stream = v_removal.stream AND t.position = v_removal.position;
    ELSE
      UPDATE {schema}.clearings c SET unscrubbed = v_next
      WHERE c.stream = v_removal.stream AND c.position = v_removal.position;
    END IF;
    IF v_next = 0 THEN
      DELETE FROM {schema}.truncations t
      WHERE t.stream = v_removal.stream AND t.position < v_removal.position AND t.unscrubbed = 0;
    END IF;
    v_left := v_left - v_walked;
    v_bytes_left := v_bytes_left - v_bytes;
  END LOOP;
  IF v_left = p_events_max AND v_damage IS NOT NULL THEN
    RAISE EXCEPTION '%', v_damage USING ERRCODE = 'data_corrupted';
  END IF;
  RETURN v_left < p_events_max AND (EXISTS (SELECT FROM {schema}.clearings c WHERE c.unscrubbed > 0)
    OR EXISTS (SELECT FROM {schema}.truncations t WHERE t.unscrubbed > 0));
END
$$;
