#!/bin/sh
# Pin requirements/*.txt with hashes for every platform from requirements/*.in; no addresses go into the files.
# Extra arguments go to uv: scripts/lock.sh --upgrade-package fastapi
set -eu
cd "$(dirname "$0")/.."
uv="${UV:-uv}"
command -v "$uv" >/dev/null || { echo "Locking needs uv (the rest does not). Install it or set UV=/path/to/uv." >&2; exit 1; }
for kind in base dev s3 bench identity node; do
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
    --no-emit-find-links "requirements/$kind.in" --output-file "requirements/$kind.txt" "$@"
done
# npm notes where to donate; addresses do not belong into a lock file.
python3 - <<'PY'
import json, pathlib
path = pathlib.Path("studio/package-lock.json")
lock = json.loads(path.read_text(encoding="utf-8"))
for package in lock["packages"].values():
    package.pop("funding", None)
path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
PY
