-- Moves a checkpoint where it stands there and no later epoch has moved it; whether it stands at the new position in
-- that epoch.
CREATE OR REPLACE FUNCTION {schema}.advance(
  p_name bytea, p_partition integer, p_from bigint, p_to bigint, p_epoch bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  IF p_from = 0 THEN
    INSERT INTO {schema}.checkpoints (name, partition, position, epoch) VALUES (p_name, p_partition, 0, 0)
    ON CONFLICT DO NOTHING;
  END IF;
  UPDATE {schema}.checkpoints c SET position = p_to, epoch = p_epoch
  WHERE c.name = p_name AND c.partition = p_partition AND c.position = p_from AND c.epoch <= p_epoch;
  RETURN EXISTS (SELECT FROM {schema}.checkpoints c
    WHERE c.name = p_name AND c.partition = p_partition AND c.position = p_to AND c.epoch = p_epoch);
END
$$;

CREATE OR REPLACE FUNCTION {schema}.read_checkpoint(p_name bytea, p_partition integer)
RETURNS TABLE ("position" bigint, epoch bigint)
LANGUAGE sql STABLE AS $$
  SELECT c.position, c.epoch FROM {schema}.checkpoints c WHERE c.name = p_name AND c.partition = p_partition
$$;

CREATE OR REPLACE FUNCTION {schema}.read_checkpoints()
RETURNS TABLE (name bytea, partition integer, "position" bigint, epoch bigint)
LANGUAGE sql STABLE AS $$
  SELECT c.name, c.partition, c.position, c.epoch FROM {schema}.checkpoints c
$$;

-- Deletes a reader's checkpoints in all partitions.
CREATE OR REPLACE FUNCTION {schema}.delete_checkpoints(p_name bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  DELETE FROM {schema}.checkpoints c WHERE c.name = p_name;
END
$$;
