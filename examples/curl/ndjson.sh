#!/bin/sh
# Send one record a line; the name goes into the address.   ndjson.sh [file.ndjson]
set -eu
if [ $# -gt 0 ]; then exec < "$1"; else exec <<'LINES'
{"email": "ada@example.com", "first_name": "Ada"}
{"domain": "example.org", "company": "Example Foundation"}
LINES
fi
curl --fail-with-body --silent --show-error \
  -H "Authorization: Bearer $MUSTER_API_KEY" -H "Content-Type: application/x-ndjson" \
  --data-binary @- \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/batch-upload?upload_name=curl+example%2C+NDJSON"
echo
