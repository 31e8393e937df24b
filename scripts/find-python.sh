#!/bin/sh
# Print the Python that .venv is built with: $PYTHON, or the first one of 3.11 or newer that can make environments.
set -eu

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
makes_environments() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

lame=""
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
  is_new_enough "$candidate" || continue
  if makes_environments "$candidate"; then
    command -v "$candidate"
    exit 0
  fi
  lame="$candidate"
done
if [ -n "$lame" ]; then
  echo "$lame cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
  echo "$PYTHON is not a Python of version 3.11 or newer." >&2
else
  echo "Muster needs Python 3.11 or newer. Install it, or name one: make setup PYTHON=/path/to/python3.12" >&2
fi
exit 1
