#!/bin/bash
# Run every documented curl against a running server and check its status.
# usage: MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_... scripts/smoke.sh [page.md ...]
#
# Runs each ```bash block that calls curl, page by page (README.md and docs/ unless pages are named); the blocks of a page share
# their variables and a scratch directory. Each curl must answer 2xx, or what `<!-- smoke: 413 -->` before the block says.
# `<!-- smoke: skip, because ... -->` leaves a block out.
set -uo pipefail
cd "$(dirname "$0")/.."
: "${MUSTER_URL:?say where the server is, e.g. http://localhost:3000}" "${MUSTER_API_KEY:?give an API key}"
export MUSTER_URL="${MUSTER_URL%/}" MUSTER_API_KEY

real_curl="$(command -v curl)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"

# A curl that also reports its status and whether that was the one the page promises.
cat > "$scratch/bin/curl" <<SH
#!/bin/bash
errors="\$(mktemp "$scratch/stderr.XXXXXX")"
"$real_curl" --max-time 60 -w '%{stderr}smoke-status %{http_code}\n' "\$@" 2>"\$errors"
code=\$?
status="\$(sed -n 's/^smoke-status //p' "\$errors" | tail -1)"
grep -v '^smoke-status ' "\$errors" >&2
case "\$status" in
  \$SMOKE_EXPECT) echo "ok   \$SMOKE_AT: \$status" >> "$scratch/results" ;;
  *) echo "FAIL \$SMOKE_AT: expected \$SMOKE_EXPECT, got \${status:-no answer}: curl \${*//\$MUSTER_API_KEY/KEY}" >> "$scratch/results" ;;
esac
exit \$code
SH
chmod +x "$scratch/bin/curl"

# The bash blocks of a page as one script; prints nothing for a page without curl.
script_of() {
  awk -v page="$1" '
    /^<!-- smoke: / { expect = $3; next }
    /^```bash/ { inside = 1; block = ""; first = NR + 1; next }
    inside && /^```/ {
      inside = 0
      if (block ~ /curl/ && expect !~ /^skip/)
        printf "export SMOKE_AT=%s:%d SMOKE_EXPECT=\"%s\"\n%s", page, first, (expect == "" ? "2??" : expect), block
      expect = ""
      next
    }
    inside { block = block $0 "\n" }
  ' "$1"
}

if [ $# -eq 0 ]; then
  # No page has a space in its name; macOS's bash has no mapfile.
  # shellcheck disable=SC2046
  set -- README.md $(find docs -name '*.md' | sort)
fi
touch "$scratch/results"
for page in "$@"; do
  script="$(script_of "$page")"
  [ -n "$script" ] || continue
  place="$scratch/pages/${page//\//_}"
  mkdir -p "$place"
  (cd "$place" && PATH="$scratch/bin:$PATH" bash -uo pipefail -c "$script" >"$place/.output" 2>&1) ||
    echo "FAIL $page: a command failed: $(tail -5 "$place/.output")" >> "$scratch/results"
done

cat "$scratch/results"
if grep -q '^FAIL' "$scratch/results" || ! grep -q '^ok' "$scratch/results"; then
  echo "smoke: failed" >&2
  exit 1
fi
echo "smoke: $(grep -c '^ok' "$scratch/results") documented calls behave as documented"
