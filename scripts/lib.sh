# shellcheck shell=bash
# What scripts/run and scripts/test share: say what happens, and install what is missing on Debian 12+ or Ubuntu 24.04+.
# Everything is safe to repeat and touches neither the network nor the package lists when nothing is missing.

# The oldest versions that work. The compiler's is `rust-version` in Cargo.toml.
readonly NODE_MAJOR=18
readonly POSTGRES_MAJOR=15
RUST_VERSION="$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)"
readonly RUST_VERSION

export DEBIAN_FRONTEND=noninteractive
# Tools that cargo and rustup install.
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE WANTED: compares versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo -n --preserve-env=DEBIAN_FRONTEND "$@"
  else
    return 126
  fi
}

apt_updated=no

# apt_install PACKAGE...: or a sentence that says how to do it by hand.
apt_install() {
  have apt-get || fail "these packages are missing: $*. Only Debian and Ubuntu are known to this script; install the like of them and run it again."
  as_root true || fail "these packages are missing: $*. Run as root, or: sudo apt-get install $*"
  say "installing $*"
  if [ "$apt_updated" = no ]; then
    as_root apt-get update -qq || printf 'the package lists could not be renewed; trying with the old ones\n' >&2
    apt_updated=yes
  fi
  as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "apt-get could not install: $* (its reason is above). Install them by hand and run this again; behind a proxy see apt.conf(5), Acquire::http::Proxy."
}

need_compiler() {
  if ! have cc || ! have make; then
    apt_install build-essential
  fi
}

need_rust() {
  local version=""
  if have cargo; then
    version="$(cargo --version 2>/dev/null | awk '{print $2}')" || version=""
  fi
  if [ -n "$version" ] && at_least "$version" "$RUST_VERSION"; then return; fi

  say "installing Rust ($RUST_VERSION or newer is needed; found ${version:-none})"
  if ! have rustup; then
    have curl || apt_install curl ca-certificates
    curl --proto '=https' --tlsv1.2 -fsS https://sh.rustup.rs | sh -s -- -y --profile minimal --no-modify-path ||
      fail "rustup could not be fetched. Install Rust $RUST_VERSION or newer from https://www.rust-lang.org/tools/install and run this again."
  fi
  rustup toolchain install stable --profile minimal --component clippy,rustfmt ||
    fail "rustup could not install the stable toolchain. Install Rust $RUST_VERSION or newer and run this again."
  version="$(cargo --version | awk '{print $2}')"
  at_least "$version" "$RUST_VERSION" || fail "cargo is still $version; remove the older Rust from PATH and run this again."
}

# have_postgres: whether server binaries of a version that works are installed, where the program looks for them.
have_postgres() {
  local folder major
  for folder in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /usr/pgsql-*/bin \
    "$(dirname "$(readlink -f "$(command -v postgres || true)" || true)")"; do
    if ! [ -x "$folder/postgres" ] || ! [ -x "$folder/initdb" ] || ! [ -x "$folder/pg_ctl" ]; then continue; fi
    major="$("$folder/postgres" --version | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')"
    if [ "${major:-0}" -ge "$POSTGRES_MAJOR" ]; then return 0; fi
  done
  return 1
}

need_postgres() {
  local setting=/etc/postgresql-common/createcluster.d/rastro.conf
  if have_postgres; then return; fi
  # The package would make and start a server of the system's own, which nobody asked for: told not to, for this one time.
  apt_install postgresql-common
  if [ -d "${setting%/*}" ]; then
    printf 'create_main_cluster = false\n' | as_root tee "$setting" >/dev/null
  fi
  # In a subshell, so that the setting goes also when the installation fails.
  (apt_install postgresql) || { as_root rm -f "$setting"; exit 1; }
  as_root rm -f "$setting"
  have_postgres || fail "the packages installed no PostgreSQL $POSTGRES_MAJOR or newer. Install one (https://www.postgresql.org/download/) and run this again."
}

need_node() {
  local missing=()
  have node || missing+=(nodejs)
  have npm || missing+=(npm)
  if [ "${#missing[@]}" -gt 0 ]; then apt_install "${missing[@]}"; fi
  if ! have node || ! have npm; then
    fail "Node.js and npm are still missing. Install Node $NODE_MAJOR or newer (https://nodejs.org) and run this again."
  fi
  at_least "$(node -p process.versions.node)" "$NODE_MAJOR" ||
    fail "Node $(node --version) is too old. Install Node $NODE_MAJOR or newer (https://nodejs.org) and run this again."
}

# Sets CHROMIUM to a browser that starts.
need_chromium() {
  local name
  if [ -z "${CHROMIUM:-}" ] && ! find_chromium; then
    # Ubuntu's `chromium` is a snap, which does not start in a container.
    for name in chromium chromium-browser; do
      (apt_install "$name") && break
    done
    find_chromium || true
  fi
  if [ -z "${CHROMIUM:-}" ] || ! "$CHROMIUM" --version >/dev/null 2>&1; then
    fail "no Chromium that starts. Install Chromium or Google Chrome and run again with CHROMIUM=/path/to/it."
  fi
  export CHROMIUM
}

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if have "$name" && "$name" --version >/dev/null 2>&1; then
      CHROMIUM="$(command -v "$name")"
      return 0
    fi
  done
  return 1
}

# need_cargo_tool NAME VERSION: any installed version will do; the named one is built when there is none.
need_cargo_tool() {
  if cargo "$1" --version >/dev/null 2>&1; then return; fi
  say "building cargo-$1 $2 (once; some minutes)"
  cargo install --locked --quiet "cargo-$1" --version "$2" ||
    fail "cargo-$1 could not be built. Install it (cargo install --locked cargo-$1) and run this again."
}

# stop_cluster DIR: stops the private database server that tests left running for each other, if one runs.
stop_cluster() {
  local home data pid
  [ -f "$1/cluster.toml" ] || return 0
  home="$(sed -n 's/^elsewhere = "\(.*\)"$/\1/p' "$1/cluster.toml")"
  data="${home:-$1/postgres}/data"
  pid="$(head -n 1 "$data/postmaster.pid" 2>/dev/null || true)"
  if [ -z "$pid" ] || [ "$(readlink "/proc/$pid/cwd" || true)" != "$(readlink -f "$data")" ]; then return 0; fi
  # SIGINT is PostgreSQL's fast shutdown.
  kill -INT "$pid"
  while [ -d "/proc/$pid" ] && [ -f "$data/postmaster.pid" ]; do sleep 0.1; done
}
