// Ready commands with the real host, safe to paste into a shell.

/** A first batch, sent with a key. */
export function curlOfFirstBatch(origin: string, key: string): string {
  return [
    `curl ${origin}/api/audience/batch-upload \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '{"upload_name": "First batch", "records": [{"email": "name@example.org"}]}'`,
  ].join("\n");
}

/** Listing uploads, for a key that may not send any. */
export function curlOfList(origin: string, key: string): string {
  return [`curl "${origin}/api/audience/batch-upload?limit=10" \\`, `  -H "Authorization: Bearer ${key}"`].join("\n");
}

/** `text` as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
