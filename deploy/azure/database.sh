#!/bin/sh
# Creates the role and the database of the log, and sets the role's password. Run again it changes the password alone.
# The server and its administrator are in PG* variables; the role's password is in GRANARY_PASSWORD.
set -eu
: "${GRANARY_PASSWORD:?is not set}"
psql -v ON_ERROR_STOP=1 -q <<'SQL'
\set password `printf %s "$GRANARY_PASSWORD"`
select 'create role granary login' where not exists (select from pg_roles where rolname = 'granary') \gexec
alter role granary password :'password';
-- An administrator that is no superuser gives a database away only to a role that it is a member of.
grant granary to current_user;
select 'create database granary owner granary' where not exists (select from pg_database where datname = 'granary') \gexec
revoke connect on database granary from public;
SQL
echo "The role and the database granary are there."
