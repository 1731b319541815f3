#!/bin/sh
# Makes .venv from the hashed lock with nothing but a POSIX shell and any Python >= 3.9.
# usage: scripts/bootstrap.sh tools|base|dev
set -eu
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9
UV=.tools/bin/uv
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"

say() { printf '%s\n' "$*" >&2; }

any_python() {
  for name in python3 python3.13 python3.14 python3.12 python3.11 python3.10 python3.9 python; do
    if "$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 9))' 2>/dev/null; then
      echo "$name"; return
    fi
  done
  say "Hedef needs a Python 3.9 or newer to set itself up; none was found on PATH. Install one (package python3) and run make again."
  exit 1
}

# A candidate counts only if it runs and is new enough: shims of version managers exist but may fail.
project_python() {
  for candidate in python3.13 python3.14 python3.12 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-4]*/bin/python; do
    if "$candidate" -c 'import sys; raise SystemExit(sys.version_info < (3, 12))' 2>/dev/null; then
      "$candidate" -c 'import sys; print(sys.executable)'; return
    fi
  done
  echo 3.13   # uv downloads it
}

# uv ignores pip's configuration: a company index is handed over at run time and never written down.
company_index() {
  [ -n "${UV_DEFAULT_INDEX:-}" ] && return
  index=$("$boot" -m pip config get global.index-url 2>/dev/null || true)
  if [ -n "$index" ]; then UV_DEFAULT_INDEX="$index"; export UV_DEFAULT_INDEX; fi
}

boot=$(any_python)
company_index
if [ ! -x "$UV" ]; then
  say "Hedef: fetching uv $UV_VERSION into .tools"
  if "$boot" -m venv .tools 2>/dev/null && .tools/bin/python -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"; then :; else
    rm -rf .tools
    "$boot" -m pip install -q --disable-pip-version-check --target .tools "uv==$UV_VERSION"
  fi
fi
[ "${1:-base}" = tools ] && exit 0

if [ ! -x .venv/bin/python ]; then
  py=$(project_python)
  say "Hedef: making .venv with $py"
  "$UV" venv -q --python "$py" .venv
fi
say "Hedef: installing the ${1:-base} packages"
VIRTUAL_ENV=.venv "$UV" pip sync -q "requirements/${1:-base}.txt"
VIRTUAL_ENV=.venv "$UV" pip install -q --no-deps --no-build-isolation -e .
touch ".venv/.$1"
