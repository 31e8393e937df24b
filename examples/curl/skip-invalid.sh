#!/bin/sh
# Store the good records of a batch and keep the bad ones aside; then read those, with their reasons.
set -eu
url=${MUSTER_URL:-http://localhost:3000}
receipt=$(curl --fail-with-body --silent --show-error \
  -H "Authorization: Bearer $MUSTER_API_KEY" -H "Content-Type: application/json" \
  --data '{
    "upload_name": "curl example, one bad record",
    "on_invalid": "skip",
    "records": [{"email": "ada@example.com"}, {"first_name": "Nobody"}]
  }' \
  "$url/api/audience/batch-upload")
echo "$receipt"
id=$(printf '%s' "$receipt" | sed -n 's/.*"upload_id": *"\([^"]*\)".*/\1/p')
curl --fail-with-body --silent --show-error \
  -H "Authorization: Bearer $MUSTER_API_KEY" -H "Accept: application/x-ndjson" \
  "$url/api/audience/batch-upload/$id/rejects"
