#!/bin/sh
# Delete an upload for good.   delete.sh upl_...
set -eu
id=${1:?give the id of an upload, upl_...}
curl --fail-with-body --silent --show-error -X DELETE \
  -H "Authorization: Bearer $MUSTER_API_KEY" \
  "${MUSTER_URL:-http://localhost:3000}/api/audience/batch-upload/$id"
echo
