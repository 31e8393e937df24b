#!/bin/sh
# Send a body compressed, and safe to send again: the same bytes under the same key are stored once.
set -eu
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf '%s' '{"upload_name": "curl example, gzip", "records": [{"email": "ada@example.com"}]}' | gzip -n > "$file"
key=$(sha256sum "$file" | cut -d ' ' -f 1)
curl --fail-with-body --silent --show-error --retry 5 \
  -H "Authorization: Bearer $MUSTER_API_KEY" -H "Content-Type: application/json" \
  -H "Content-Encoding: gzip" -H "Idempotency-Key: $key" \
  --data-binary "@$file" \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/batch-upload"
echo
