#!/bin/sh
# Runs a command beside a PostgreSQL of its own (socket only, data in a temporary folder) and stops it afterwards.
# usage: scripts/with_postgres.sh COMMAND [ARG...]     the command finds it in HEDEF_DATABASE_URL
set -eu
bin=""
for candidate in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb 2>/dev/null || echo /none)")"; do
  [ -x "$candidate/initdb" ] && bin="$candidate"
done
if [ -z "$bin" ]; then
  echo "no PostgreSQL server programs (initdb, pg_ctl) were found: these tests are skipped" >&2
  [ "${HEDEF_REQUIRE_ALL:-}" = 1 ] && { echo "HEDEF_REQUIRE_ALL=1 turns this skip into a failure" >&2; exit 1; }
  exit 0
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/hedef-pg.XXXXXX")
owner=""
if [ "$(id -u)" = 0 ]; then   # PostgreSQL refuses to run as root
  owner=hedefpg
  id "$owner" >/dev/null 2>&1 || useradd --system --no-create-home "$owner"
  chown "$owner" "$dir"
  chmod 711 "$dir"
fi
as_owner() { if [ -n "$owner" ]; then su "$owner" -s /bin/sh -c "$1"; else sh -c "$1"; fi; }
as_owner "'$bin/initdb' -D '$dir/data' -U hedef -A trust -E UTF8 --locale=C.UTF-8 --no-sync >'$dir/init.log' 2>&1"
as_owner "'$bin/pg_ctl' -D '$dir/data' -w -l '$dir/log' -o \"-c listen_addresses='' -k '$dir' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60\" start >/dev/null"
trap 'as_owner "\"$bin/pg_ctl\" -D \"$dir/data\" -m immediate stop >/dev/null" || true; rm -rf "$dir"' EXIT INT TERM
HEDEF_DATABASE_URL="postgres://hedef@/postgres?host=$dir" "$@"
