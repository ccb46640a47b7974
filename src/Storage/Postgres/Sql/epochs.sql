-- The epoch of each partition; one without a row is in its first.
CREATE TABLE IF NOT EXISTS {schema}.epochs (
  partition integer PRIMARY KEY,
  epoch bigint NOT NULL
);

CREATE OR REPLACE FUNCTION {schema}.read_epoch(p_partition integer) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT e.epoch FROM {schema}.epochs e WHERE e.partition = p_partition), 1)
$$;

-- Begins a new epoch. The partition's lock waits for what commits in the earlier one; what comes later finds the new
-- one.
CREATE OR REPLACE FUNCTION {schema}.begin_epoch(p_partition integer, p_wait_ms integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  begun bigint;
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM {schema}.lock_partition(p_partition, p_wait_ms);
  INSERT INTO {schema}.epochs AS e (partition, epoch) VALUES (p_partition, 2)
  ON CONFLICT (partition) DO UPDATE SET epoch = e.epoch + 1
  RETURNING e.epoch INTO begun;
  RETURN begun;
END
$$;
