#!/usr/bin/env bash
# The Python package, with the web app in it: what `pipx install daka` and `uvx daka demo` install.
#
#   deploy/wheel.sh build FOLDER    makes wheel and source distribution; frontend/dist must be built (make setup)
#   deploy/wheel.sh try FOLDER      installs both without Node.js and tests the server from outside
#
# PYTHON (default: python3) is the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# = 2 ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
mkdir -p "$2"; folder=$(cd "$2" && pwd)
work=$(mktemp -d) server=''
finish() { local status=$?; [ -z "$server" ] || kill "$server" 2>/dev/null || true; [ $status = 0 ] || tail -n 20 "$work/log" >&2; rm -rf "$work"; exit $status; }
trap finish EXIT
# Without Node.js: a program that looks for it finds one that fails.
mkdir "$work/bin"; printf '#!/bin/sh\nexit 127\n' | tee "$work/bin/node" > "$work/bin/npm"; chmod +x "$work"/bin/*
without_node=$work/bin:/usr/bin:/bin
new_venv() { "${PYTHON:-python3}" -m venv "$1" && shift && "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$1"; }

build() {
  venv=$work/build; new_venv "$venv" deploy/build.lock
  "$venv/bin/hatchling" build --directory "$folder" --target wheel --target sdist
}

# NAME, the program, then its arguments: the server answers at `$address`.
serve() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  address=http://127.0.0.1:$port
  (cd "$work" && exec env --unset=PYTHONPATH PATH="$without_node" DATA_DIR="$work/data" DATABASE_URL="sqlite:///$work/data/app.db" "$@" --port "$port") \
    > "$work/log" 2>&1 & server=$!
}
stop() { kill "$server"; wait "$server" || true; server=''; }

try_out() {
  local wheel source venv python said
  wheel=$(ls "$folder"/daka-*.whl) source=$(ls "$folder"/daka-*.tar.gz) venv=$work/venv
  new_venv "$venv" requirements.lock
  "$venv/bin/pip" install -q --disable-pip-version-check --no-deps --no-index "$wheel"
  mkdir "$work/data"
  serve "$venv/bin/daka" serve
  python3 tests/deploy/smoke.py "$address" --wait 60
  stop
  rm -rf "$work/data"
  serve "$venv/bin/daka" demo
  python3 - "$address" <<'EOF'
import sys, time, urllib.request
for _ in range(300):
    try:
        page = urllib.request.urlopen(sys.argv[1] + "/", timeout=5).read().decode()
        break
    except OSError:
        time.sleep(0.2)
assert 'id="app"' in page or "/assets/" in page, page
EOF
  stop
  echo "  ok  the demo runs from the wheel"

  # The source distribution has the web app as well; a tree without it says what is missing.
  venv=$work/build; new_venv "$venv" deploy/build.lock
  mkdir "$work/source" && tar xzf "$source" -C "$work/source" --strip-components=1
  PATH=$without_node "$venv/bin/pip" wheel -q --no-deps --no-build-isolation --wheel-dir "$work/again" "$work/source"
  python3 - "$wheel" "$work"/again/*.whl <<'EOF'
import sys, zipfile
first, again = (set(zipfile.ZipFile(name).namelist()) for name in sys.argv[1:])
assert first == again, first ^ again
assert "daka/web/index.html" in first and "daka/web/index.html.br" in first
EOF
  rm -rf "$work/source/frontend"
  said=$(PATH=$without_node "$venv/bin/pip" wheel -q --no-deps --no-build-isolation --wheel-dir "$work/none" "$work/source" 2>&1) && { echo "a package without the web app was built" >&2; exit 1; }
  grep -q "daka: the web app is not built. Run" <<< "$said" || { echo "$said" >&2; exit 1; }
  echo "  ok  the source distribution makes the same wheel without Node.js, and says what is missing if the web app is"
}

case "$1" in
  build) build ;;
  try) try_out ;;
  *) echo "wheel: build or try, not $1" >&2; exit 2 ;;
esac
