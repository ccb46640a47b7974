#!/bin/sh
# Runs once, when the data of the server is created: a database, and a role that owns it and nothing else. The password is
# read from the environment by psql itself, so it is in no list of processes.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -d postgres <<'SQL'
\getenv password GRANARY_DB_PASSWORD
create role granary login password :'password';
create database granary owner granary;
revoke all on database granary from public;
SQL
