#!/bin/sh
# Everything that can be judged without running the tests; every check runs, then the failed ones are named.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=""
told="$(mktemp -d)"
trap 'rm -rf "$told"' EXIT

# The long ones run beside the others: `begin` them first, `tell` what came of them last.
begin() {
  name="$1"; shift
  echo "$*" >"$told/$name.command"
  ( "$@" >"$told/$name" 2>&1; echo $? >"$told/$name.code" ) &
}

tell() {
  if [ "$(cat "$told/$1.code")" = 0 ]; then
    printf '%-16s ok\n' "$1"
  else
    printf '%-16s FAILED: %s\n' "$1" "$(cat "$told/$1.command")"
    cat "$told/$1"
    failed="$failed $1"
  fi
}

check() {
  begin "$@"
  wait $!
  tell "$1"
}

begin types         $bin/mypy --strict
begin studio-types  $bin/python hatch_build.py check

check lint          $bin/ruff check --quiet .
check format        $bin/ruff format --check --quiet .
check contracts     $bin/lint-imports
check tree          $bin/python scripts/check_tree.py
check openapi       $bin/python scripts/openapi.py --check
check api-docs      $bin/python scripts/gen_api.py --check
check reference     $bin/python scripts/gen_reference.py --check

wait
tell types
tell studio-types

if [ -n "$failed" ]; then
  echo "make check: failed:$failed" >&2
  exit 1
fi
