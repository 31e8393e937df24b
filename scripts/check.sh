#!/bin/sh
# Everything that can be judged without running the tests; every check runs, then the failed ones are named.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=""

check() {
  name="$1"; shift
  if output="$("$@" 2>&1)"; then
    printf '%-16s ok\n' "$name"
  else
    printf '%-16s FAILED: %s\n%s\n' "$name" "$*" "$output"
    failed="$failed $name"
  fi
}

check lint          $bin/ruff check --quiet .
check format        $bin/ruff format --check --quiet .
check types         $bin/mypy --strict
check contracts     $bin/lint-imports
check tree          $bin/python scripts/check_tree.py
check openapi       $bin/python scripts/openapi.py --check
check api-docs      $bin/python scripts/gen_api.py --check
check reference     $bin/python scripts/gen_reference.py --check

if [ -n "$failed" ]; then
  echo "make check: failed:$failed" >&2
  exit 1
fi
