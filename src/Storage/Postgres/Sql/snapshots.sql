-- Whoever has waited for a lock has to see what was committed meanwhile.
CREATE OR REPLACE FUNCTION {schema}.check_isolation() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'the transaction is %, set default_transaction_isolation to read committed for the role',
      current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
  END IF;
END
$$;

-- A snapshot is not written while its stream is cleared or truncated: one of the two sees what the other has done.
CREATE OR REPLACE FUNCTION {schema}.lock_snapshots(p_hash bytea) RETURNS void
LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(('x' || encode(substring(p_hash FROM 1 FOR 8), 'hex'))::bit(64)::bigint)
$$;

-- Keeps a snapshot that was taken after the stream's last clearing, and not before the event that the stream was
-- truncated before; drops the oldest of too many. The one of that event, on which all states since depend, is neither
-- replaced nor dropped.
CREATE OR REPLACE FUNCTION {schema}.write_snapshot(
  p_hash bytea,
  p_version bigint,
  p_position bigint,
  p_latest timestamptz,
  p_fingerprint bytea,
  p_checksum bigint,
  p_payload bytea,
  p_kept_max integer) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  v_stream bigint;
  v_cleared bigint;
  v_first bigint;
  v_begins bigint;
BEGIN
  PERFORM {schema}.check_isolation();
  PERFORM {schema}.lock_snapshots(p_hash);
  SELECT s.stream INTO v_stream FROM {schema}.streams s WHERE s.hash = p_hash;
  SELECT max(c.position) INTO v_cleared FROM {schema}.clearings c WHERE c.stream = v_stream;
  SELECT t.version, t.position INTO v_first, v_begins FROM {schema}.truncations t
  WHERE t.stream = v_stream AND t.position > coalesce(v_cleared, 0) ORDER BY t.position DESC LIMIT 1;
  IF p_position <= v_cleared OR p_position < v_begins OR p_version = v_first
    AND EXISTS (SELECT FROM {schema}.snapshots s WHERE s.hash = p_hash AND s.version = p_version) THEN
    RETURN;
  END IF;

  INSERT INTO {schema}.snapshots AS s (hash, version, position, latest, fingerprint, checksum, payload)
  VALUES (p_hash, p_version, p_position, p_latest, p_fingerprint, p_checksum, p_payload)
  ON CONFLICT (hash, version) DO UPDATE SET position = excluded.position, latest = excluded.latest,
    fingerprint = excluded.fingerprint, checksum = excluded.checksum, payload = excluded.payload;

  DELETE FROM {schema}.snapshots s
  WHERE s.hash = p_hash AND s.version IS DISTINCT FROM v_first AND s.version <= (
    SELECT k.version FROM {schema}.snapshots k WHERE k.hash = p_hash
    ORDER BY k.version DESC LIMIT 1 OFFSET p_kept_max);
END
$$;

-- The newest snapshot that meets both bounds.
CREATE OR REPLACE FUNCTION {schema}.read_snapshot(p_hash bytea, p_at_most bigint, p_not_after timestamptz)
RETURNS TABLE (
  version bigint, "position" bigint, latest timestamptz, fingerprint bytea, checksum bigint, payload bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY SELECT s.version, s.position, s.latest, s.fingerprint, s.checksum, s.payload
  FROM {schema}.snapshots s
  WHERE s.hash = p_hash AND s.version <= p_at_most AND (p_not_after IS NULL OR s.latest <= p_not_after)
  ORDER BY s.version DESC LIMIT 1;
END
$$;
