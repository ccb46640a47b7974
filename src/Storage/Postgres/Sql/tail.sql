-- Notifies the processes that wait for the log to grow. A notice is a hint: it need not be durable.
CREATE OR REPLACE FUNCTION {schema}.notify_tail() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM pg_notify('{schema}', '');
END
$$;
