#!/bin/sh
# Store a batch of records. Prints the receipt; `upload_id` in it is what the other examples take.
#   MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_... examples/curl/create.sh
set -eu
curl --fail-with-body --silent --show-error \
  -H "Authorization: Bearer $MUSTER_API_KEY" -H "Content-Type: application/json" \
  --data '{
    "upload_name": "curl example",
    "records": [
      {"business_email": "ada@example.com", "first_name": "Ada", "company": "Example Ltd"},
      {"domain": "example.org", "company": "Example Foundation", "employees": 1.0}
    ],
    "fields": ["business_email", "domain", "company"]
  }' \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/batch-upload"
echo
