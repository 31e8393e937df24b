#!/bin/sh
# List uploads, newest first. Arguments are query parameters: list.sh limit=5 name=curl
set -eu
query=""
for one in "$@"; do query="$query --data-urlencode $one"; done
# shellcheck disable=SC2086 # each parameter is a word of its own
curl --fail-with-body --silent --show-error --get $query \
  -H "Authorization: Bearer $MUSTER_API_KEY" \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/batch-upload"
echo
