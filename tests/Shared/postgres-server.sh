# Runs a private PostgreSQL server on a loopback port until its input is closed.
# sh postgres-server.sh <folder of the binaries> <port>
set -eu
cd /
PATH="$1:$PATH"
data="$(mktemp -d)"
trap 'pg_ctl -D "$data/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$data"' EXIT
trap 'exit 1' INT TERM
initdb -D "$data/db" -U postgres -A trust -E UTF8 --locale=C >/dev/null
pg_ctl -D "$data/db" -w -l "$data/log" \
  -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" start >/dev/null \
  || { cat "$data/log" >&2; exit 1; }
echo ready
cat >/dev/null
