# shellcheck shell=bash
# A private PostgreSQL for measuring imports: durable as in production (fsync and synchronous_commit on), gone when the script ends.

fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

RASTRO="${TEST_PROGRAM:-target/release/rastro}"
[ -x "$RASTRO" ] || fail "there is no $RASTRO; build it (cargo build --release) or set TEST_PROGRAM."
bin="$(pg_config --bindir 2>/dev/null || true)"
for folder in "$bin" /usr/lib/postgresql/*/bin; do
  if [ -x "$folder/initdb" ]; then bin="$folder"; fi
done
[ -x "$bin/initdb" ] || fail "no PostgreSQL server binaries; install PostgreSQL 15 or newer."

home="$(mktemp -d /tmp/rastro-import.XXXXXX)"
as_server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
if [ "$(id -u)" -eq 0 ]; then chown postgres "$home"; fi
chmod 755 "$home"
ended() {
  as_server "$bin/pg_ctl" -D "$home/data" -m fast -w stop >/dev/null 2>&1 || true
  rm -rf "$home"
}
trap ended EXIT
as_server "$bin/initdb" -D "$home/data" -U owner --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
as_server "$bin/pg_ctl" -D "$home/data" -w -l "$home/log" -o "-c listen_addresses='' -k $home -c max_connections=60" start >/dev/null
owner() { psql -X -q -v ON_ERROR_STOP=1 -h "$home" -U owner -d "${DB:-rastro}" "$@"; }
DB=postgres owner -c "CREATE ROLE rastro_app LOGIN NOINHERIT" -c "CREATE DATABASE template_rastro"
DB=template_rastro
export DATABASE_URL="postgresql:///template_rastro?host=$home&user=rastro_app" DATABASE_OWNER_URL="postgresql:///template_rastro?host=$home&user=owner"
"$RASTRO" migrate >/dev/null
"$RASTRO" admin authority BFX "Invented bank" --country MEX --kind forensic_bank >/dev/null
echo "a long enough password" | "$RASTRO" admin user BFX bank@bank.invalid "Invented" --role forensic_officer --role search_officer >/dev/null

# fresh_database: an empty registry with the one authority; sets DB and the URLs.
fresh_database() {
  local old="${1:-rastro}"
  DB=postgres owner -c "DROP DATABASE IF EXISTS $old WITH (FORCE)" -c "CREATE DATABASE $old TEMPLATE template_rastro"
  # The right to make temporary tables is the database's, not the template's.
  DB=postgres owner -c "GRANT TEMPORARY ON DATABASE $old TO rastro_web"
  DB="$old"
  export DATABASE_URL="postgresql:///$old?host=$home&user=rastro_app" DATABASE_OWNER_URL="postgresql:///$old?host=$home&user=owner"
}
