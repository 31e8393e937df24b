#!/bin/bash
# The batch upload contract in five tests, against any server: small payload, schema validation, batch size limit,
# payload size limit, comprehensive data. Uploads it makes are deleted again.
# usage: scripts/test-batch-upload-api.sh [URL] KEY        (URL: http://localhost:3000 unless given)
# MAX_BATCH_SIZE and MAX_PAYLOAD_BYTES tell it the server's limits if they are not the defaults. Needs curl and python3.
set -uo pipefail

if [ $# -eq 1 ]; then set -- "${MUSTER_URL:-http://localhost:3000}" "$1"; fi
if [ $# -ne 2 ]; then sed -n '4,5s/^# //p' "$0" >&2; exit 2; fi
base="${1%/}"
key="$2"
max_records="${MAX_BATCH_SIZE:-50000}"
max_bytes="${MAX_PAYLOAD_BYTES:-5242880}"
path="$base/api/audience/batch-upload"
work="$(mktemp -d)"
created=()
problems=()
failed=0

cleanup() {
  for id in ${created[@]+"${created[@]}"}; do
    curl -s -o /dev/null -X DELETE -H "Authorization: Bearer $key" "$path/$id"
  done
  rm -rf "$work"
}
trap cleanup EXIT

# call METHOD URL [curl arguments...]: the status goes to $status, the body to $work/answer.
call() {
  local method="$1" url="$2"; shift 2
  status="$(curl -s -o "$work/answer" -w '%{http_code}' -X "$method" -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -H 'Expect:' --max-time 120 "$@" "$url")" || status="no answer"
}
post_file() { call POST "$path" --data-binary "@$1"; }
# value EXPRESSION: a Python expression over `a`, the answer; prints its text.
value() { python3 -c 'import json, sys; a = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/answer" "$1" 2>/dev/null; }
remember() { local id; id="$(value 'a["upload_id"]')"; if [ -n "$id" ]; then created+=("$id"); fi; }

expect_status() { [ "$status" = "$1" ] || problems+=("$2: expected $1, got $status: $(head -c 300 "$work/answer" 2>/dev/null)"); }
expect() { local got; got="$(value "$1")"; [ "$got" = "$2" ] || problems+=("$3: $1 is '$got', expected '$2'"); }

run() {
  problems=()
  "$2"
  if [ ${#problems[@]} -eq 0 ]; then
    echo "PASS  $1"
  else
    echo "FAIL  $1"
    printf '      %s\n' "${problems[@]}"
    failed=1
  fi
}

# make_batch COUNT FILE [PADDING]: a batch of COUNT small records, each with PADDING extra bytes.
make_batch() {
  python3 - "$1" "$2" "${3:-0}" <<'PY'
import json, sys
count, path, padding = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
records = [{"email": f"p{n}@example.com"} | ({"note": "x" * padding} if padding else {}) for n in range(count)]
with open(path, "w", encoding="utf-8") as file:
    json.dump({"upload_name": "API test", "records": records}, file, separators=(",", ":"))
PY
}

small_payload() {
  make_batch 10 "$work/small.json"
  post_file "$work/small.json"
  remember
  expect_status 200 "10 records"
  expect 'a["status"]' success "receipt"
  expect 'a["rows_received"]' 10 "receipt"
  expect 'bool(a["upload_id"]) and bool(a["session_token"])' True "receipt"
  status="$(curl -s -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
    --data-binary "@$work/small.json" "$path")"
  expect_status 401 "without a key"
}

schema_validation() {
  local good='[{"email":"a@example.com"}]' long
  long="$(printf 'n%.0s' $(seq 101))"
  local cases=(
    'not JSON|{"upload_name":'
    "no upload_name|{\"records\":$good}"
    "empty upload_name|{\"upload_name\":\"\",\"records\":$good}"
    "upload_name of 101 characters|{\"upload_name\":\"$long\",\"records\":$good}"
    "upload_name not text|{\"upload_name\":7,\"records\":$good}"
    'no records|{"upload_name":"t"}'
    'records not an array|{"upload_name":"t","records":{}}'
    'no record in records|{"upload_name":"t","records":[]}'
    'a record that is no object|{"upload_name":"t","records":["a@example.com"]}'
    'a record without identifier|{"upload_name":"t","records":[{"first_name":"Ada"}]}'
    'a blank identifier|{"upload_name":"t","records":[{"email":"  "}]}'
  )
  local case
  for case in "${cases[@]}"; do
    call POST "$path" --data-binary "${case#*|}"
    expect_status 400 "${case%%|*}"
    expect 'a["status"]' error "${case%%|*}"
    expect 'bool(a["message"])' True "${case%%|*}"
  done
}

batch_size_limit() {
  make_batch "$max_records" "$work/full.json"
  post_file "$work/full.json"
  remember
  expect_status 200 "$max_records records"
  expect 'a["rows_received"]' "$max_records" "$max_records records"
  make_batch $((max_records + 1)) "$work/over.json"
  post_file "$work/over.json"
  expect_status 400 "$((max_records + 1)) records"
  expect 'a["status"]' error "$((max_records + 1)) records"
}

payload_size_limit() {
  make_batch 100 "$work/large.json" $((max_bytes / 100))
  post_file "$work/large.json"
  expect_status 413 "$(wc -c < "$work/large.json") bytes"
  expect 'a["status"]' error "over the payload limit"
}

comprehensive_data() {
  cat > "$work/rich.json" <<'JSON'
{"upload_name": "Comprehensive – 包括的 🧪",
 "fields": ["business_email", "first_name"],
 "records": [
  {"business_email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "job_title": "Analyst", "phone": "+44 20 7946 0000"},
  {"personal_email": "zoë@example.org", "first_name": "Zoë", "city": "København", "zip": "01234"},
  {"email": "o'brien@example.com", "last_name": "O'Brien", "note": "line\nbreak, \"quotes\", comma; tab\t"},
  {"domain": "example.com", "company_name": "例え株式会社", "employees": 1200, "revenue": 1.50, "public": false, "parent": null},
  {"company_domain": "example.net", "tags": ["b2b", "saas"], "address": {"street": "1 Main St", "geo": [52.1, -0.5]}}
 ]}
JSON
  post_file "$work/rich.json"
  remember
  expect_status 200 "five kinds of identifier"
  expect 'a["rows_received"]' 5 "receipt"
  local id; id="$(value 'a["upload_id"]')"
  call GET "$path"
  expect_status 200 "list"
  expect "'$id' in [u['upload_id'] for u in a['uploads']]" True "list"
  call GET "$path/$id"
  expect_status 200 "get"
  expect "a['records'] == json.load(open('$work/rich.json'))['records']" True "records come back as sent"
  expect "[list(r) for r in a['records']] == [list(r) for r in json.load(open('$work/rich.json'))['records']]" True "key order"
  expect 'a["fields"]' "['business_email', 'first_name']" "get"
  call DELETE "$path/$id"
  expect_status 200 "delete"
  call GET "$path/$id"
  expect_status 404 "get after delete"
  call GET "$path/upl_1_unknown"
  expect_status 404 "an unknown id"
}

echo "Testing $path"
run "small payload" small_payload
run "schema validation" schema_validation
run "batch size limit" batch_size_limit
run "payload size limit" payload_size_limit
run "comprehensive data" comprehensive_data
exit $failed
