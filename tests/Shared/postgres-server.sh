# Runs a private PostgreSQL server on a loopback port until its input is closed. For each line of the input the server
# crashes and is started again.
# sh postgres-server.sh <folder of the binaries> <port>
set -eu
cd /
PATH="$1:$PATH"
port="$2"
data="$(mktemp -d)"
trap 'pg_ctl -D "$data/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$data"' EXIT
trap 'exit 1' INT TERM
start() {
  pg_ctl -D "$data/db" -w -l "$data/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" start >/dev/null \
    || { cat "$data/log" >&2; exit 1; }
  echo ready
}
initdb -D "$data/db" -U postgres -A trust -E UTF8 --locale=C >/dev/null
start
while read -r _; do
  pg_ctl -D "$data/db" -m immediate stop >/dev/null
  start
done
