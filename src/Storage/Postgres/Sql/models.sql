-- What is derived from the log: tables of models beside it in this schema, the views that show them, and how far each
-- reader has come that keeps its work here. An error of class GR is an answer of the model store.
CREATE TABLE IF NOT EXISTS {schema}.model_tables (
  name text COLLATE "C" PRIMARY KEY,
  columns text NOT NULL
);

CREATE TABLE IF NOT EXISTS {schema}.model_views (
  name text COLLATE "C" PRIMARY KEY,
  shows text COLLATE "C" NOT NULL
);

CREATE TABLE IF NOT EXISTS {schema}.model_checkpoints (
  name bytea NOT NULL,
  partition integer NOT NULL,
  position bigint NOT NULL,
  epoch bigint NOT NULL,
  store_id uuid NOT NULL,
  event_id uuid NOT NULL,
  commit_id bigint NOT NULL,
  PRIMARY KEY (name, partition)
) WITH (fillfactor = 50);

-- Changes of tables and views are made one after the other. Taken before any row is locked.
CREATE OR REPLACE FUNCTION {schema}.lock_models(p_wait_ms integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.check_isolation();
  PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
  PERFORM pg_advisory_xact_lock('{schema}.model_tables'::regclass::oid::integer, -1);
END
$$;

-- Begins a commit of models, for the rest of its transaction. Rows are found by their keys whatever the server counted
-- last, and in the order in which they are given.
CREATE OR REPLACE FUNCTION {schema}.begin_models(
  p_commit bigint,
  p_is_durable boolean,
  p_wait_ms integer,         -- how long a lock is waited for
  p_has_view boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.check_isolation();
  IF NOT p_is_durable THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  ELSIF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
  PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
  PERFORM set_config('enable_seqscan', 'off', true);
  PERFORM set_config('enable_hashjoin', 'off', true);
  PERFORM set_config('enable_mergejoin', 'off', true);
  PERFORM pg_advisory_xact_lock(p_commit);
  IF p_has_view THEN
    PERFORM {schema}.lock_models(p_wait_ms);
  END IF;
END
$$;

-- Moves a checkpoint where it stands there and no later epoch has moved it. Its row is locked until the transaction
-- ends.
CREATE OR REPLACE FUNCTION {schema}.advance_models(
  p_name bytea, p_partition integer, p_from bigint, p_to bigint, p_epoch bigint,
  p_store_id uuid, p_event_id uuid, p_commit bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_there record;
BEGIN
  IF p_from = 0 THEN
    INSERT INTO {schema}.model_checkpoints (name, partition, position, epoch, store_id, event_id, commit_id)
    VALUES (p_name, p_partition, 0, 0, p_store_id, p_event_id, 0)
    ON CONFLICT DO NOTHING;
  END IF;
  SELECT c.position, c.epoch, c.commit_id INTO v_there FROM {schema}.model_checkpoints c
  WHERE c.name = p_name AND c.partition = p_partition FOR UPDATE;
  IF v_there.commit_id = p_commit THEN
    RAISE EXCEPTION 'the commit had landed before' USING ERRCODE = 'GR003';
  END IF;
  IF v_there.position IS DISTINCT FROM p_from OR v_there.epoch > p_epoch THEN
    RAISE EXCEPTION 'the checkpoint was moved by another owner' USING ERRCODE = 'GR001';
  END IF;
  UPDATE {schema}.model_checkpoints c
  SET position = p_to, epoch = p_epoch, store_id = p_store_id, event_id = p_event_id, commit_id = p_commit
  WHERE c.name = p_name AND c.partition = p_partition;
END
$$;

-- Whether all rows were changed that had to be.
CREATE OR REPLACE FUNCTION {schema}.check_rows(p_changed bigint, p_expected bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF p_changed <> p_expected THEN
    RAISE EXCEPTION '% row(s) have another revision', p_expected - p_changed USING ERRCODE = 'GR002';
  END IF;
END
$$;

-- Whether a table is one of models and has the columns. An error where the name belongs to something else.
CREATE OR REPLACE FUNCTION {schema}.has_model_table(p_name text, p_columns text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_columns text;
BEGIN
  IF EXISTS (SELECT FROM {schema}.model_views v WHERE v.name = p_name) THEN
    RAISE EXCEPTION 'it names a view' USING ERRCODE = 'GR004', TABLE = p_name;
  END IF;
  IF to_regclass(format('%I.%I', '{schema}', p_name)) IS NULL THEN
    RETURN false;
  END IF;
  SELECT t.columns INTO v_columns FROM {schema}.model_tables t WHERE t.name = p_name;
  IF v_columns IS NULL THEN
    RAISE EXCEPTION 'the schema has something else of that name' USING ERRCODE = 'GR006', TABLE = p_name;
  END IF;
  IF v_columns <> p_columns THEN
    RAISE EXCEPTION 'it has the columns %', v_columns USING ERRCODE = 'GR005', TABLE = p_name;
  END IF;
  RETURN true;
END
$$;

-- Checks the table that the next statements of the transaction use. What reads it is to use its indexes, whatever the
-- server counted last.
CREATE OR REPLACE FUNCTION {schema}.use_model_table(p_name text, p_columns text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_columns text;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true);
  SELECT t.columns INTO v_columns FROM {schema}.model_tables t WHERE t.name = p_name;
  IF v_columns IS NULL THEN
    RAISE EXCEPTION 'there is no table %', p_name USING ERRCODE = 'GR009', TABLE = p_name;
  END IF;
  IF v_columns <> p_columns THEN
    RAISE EXCEPTION 'the table % has the columns %', p_name, v_columns USING ERRCODE = 'GR005', TABLE = p_name;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.create_model_table(
  p_name text, p_columns text, p_wait_ms integer, p_names text[], p_types text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_column text;
BEGIN
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE EXCEPTION 'the encoding of the database is %', current_setting('server_encoding') USING ERRCODE = 'GR007';
  END IF;
  PERFORM {schema}.lock_models(p_wait_ms);
  IF {schema}.has_model_table(p_name, p_columns) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE {schema}.%I ('
    || 'key text COLLATE "C" PRIMARY KEY, document jsonb NOT NULL, partition integer NOT NULL, '
    || '"position" bigint NOT NULL, revision bigint NOT NULL%s) WITH (fillfactor = 90)', p_name,
    (SELECT string_agg(format(', %I %s', c.name, c.type), '' ORDER BY c.at)
      FROM unnest(p_names, p_types) WITH ORDINALITY AS c(name, type, at)));
  FOREACH v_column IN ARRAY p_names LOOP
    EXECUTE format('CREATE INDEX ON {schema}.%I (%I NULLS FIRST, key)', p_name, v_column);
  END LOOP;
  INSERT INTO {schema}.model_tables AS t (name, columns) VALUES (p_name, p_columns)
  ON CONFLICT (name) DO UPDATE SET columns = excluded.columns;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.drop_model_table(p_name text, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM {schema}.lock_models(p_wait_ms);
  DELETE FROM {schema}.model_tables t WHERE t.name = p_name;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  DELETE FROM {schema}.model_views v WHERE v.shows = p_name;
  EXECUTE format('DROP TABLE IF EXISTS {schema}.%I CASCADE', p_name);
END
$$;

-- A view that has the same columns as before is replaced, so that who may read it still may.
CREATE OR REPLACE FUNCTION {schema}.show_model_table(p_view text, p_name text, p_columns text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM {schema}.model_tables t WHERE t.name = p_view) THEN
    RAISE EXCEPTION 'it names a table' USING ERRCODE = 'GR008', TABLE = p_view;
  END IF;
  IF to_regclass(format('%I.%I', '{schema}', p_view)) IS NOT NULL
    AND NOT EXISTS (SELECT FROM {schema}.model_views v WHERE v.name = p_view) THEN
    RAISE EXCEPTION 'the schema has something else of that name' USING ERRCODE = 'GR006', TABLE = p_view;
  END IF;
  PERFORM {schema}.use_model_table(p_name, p_columns);
  BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW {schema}.%I AS SELECT * FROM {schema}.%I', p_view, p_name);
  EXCEPTION WHEN invalid_table_definition THEN
    EXECUTE format('DROP VIEW {schema}.%I', p_view);
    EXECUTE format('CREATE VIEW {schema}.%I AS SELECT * FROM {schema}.%I', p_view, p_name);
  END;
  INSERT INTO {schema}.model_views (name, shows) VALUES (p_view, p_name)
  ON CONFLICT (name) DO UPDATE SET shows = excluded.shows;
END
$$;

-- Ends the server's process of a connection that was lost in a commit of models; whether it has ended. Where it is not
-- found, as through a pooler, the lock waits for what has arrived.
CREATE OR REPLACE FUNCTION {schema}.end_models(p_process integer, p_commit bigint, p_wait_ms integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_process integer;
BEGIN
  SELECT a.pid INTO v_process FROM pg_stat_activity a
  WHERE a.pid = p_process AND a.pid <> pg_backend_pid() AND a.usename = session_user
    AND a.datname = current_database();
  IF v_process IS NOT NULL AND NOT pg_terminate_backend(v_process, 5000) THEN
    RETURN false;
  END IF;
  PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
  PERFORM pg_advisory_xact_lock(p_commit);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.read_model_checkpoints(p_name bytea, p_partition integer)
RETURNS TABLE (
  name bytea, partition integer, "position" bigint, epoch bigint, store_id uuid, event_id uuid, commit_id bigint)
LANGUAGE sql STABLE AS $$
  SELECT c.name, c.partition, c.position, c.epoch, c.store_id, c.event_id, c.commit_id
  FROM {schema}.model_checkpoints c
  WHERE p_name IS NULL OR c.name = p_name AND c.partition = p_partition
$$;

CREATE OR REPLACE FUNCTION {schema}.delete_model_checkpoints(p_name bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  DELETE FROM {schema}.model_checkpoints c WHERE c.name = p_name;
END
$$;
