#!/bin/sh
# Read an upload: all of its records, or a window.   get.sh upl_... [offset] [limit]
set -eu
id=${1:?give the id of an upload, upl_...}
window=""
[ $# -lt 2 ] || window="?offset=$2&limit=${3:-100}"
curl --fail-with-body --silent --show-error --compressed \
  -H "Authorization: Bearer $MUSTER_API_KEY" \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/batch-upload/$id$window"
echo
