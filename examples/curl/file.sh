#!/bin/sh
# Send a file as it is; it is read in the background. usage: file.sh FILE
set -eu
curl --fail-with-body --silent --show-error --retry 5 \
  -H "Authorization: Bearer $MUSTER_API_KEY" -H "Idempotency-Key: $(sha256sum "$1" | cut -d ' ' -f 1)" \
  -X POST -T "$1" \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/files?file_name=$(basename "$1")"
echo
