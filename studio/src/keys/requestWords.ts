// A logged request in words, and as a command that sends it again.
import type { LoggedRequest } from "./requestQueries";
import { quoted } from "./curl";

const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function milliseconds({ ms }: LoggedRequest): string {
  return `${(ms < 10 ? fine : whole).format(ms)} ms`;
}

/** Which key sent it, or what else did. */
export function senderOf(request: LoggedRequest): string {
  if (request.key !== null) return request.key.name ?? request.key.id;
  if (request.via === "session") return "Studio";
  if (request.via === "link") return "A read-only link";
  return request.via === "oidc" ? "A token of your issuer" : "A key that is gone";
}

/** Parameters and bodies are not kept in the log: what has to be filled in stands in capitals. */
export function curlOf(request: LoggedRequest, origin: string): string {
  const query = request.query.map((name) => `${encodeURIComponent(name)}=VALUE`).join("&");
  const url = `${origin}${request.path}${query === "" ? "" : `?${query}`}`;
  const parts = [`curl ${request.method === "HEAD" ? "--head " : request.method === "GET" ? "" : `-X ${request.method} `}${quoted(url)}`];
  parts.push(`-H "Authorization: Bearer YOUR_KEY"`);
  if (request.bytes_in > 0) parts.push(`-H "Content-Type: application/json"`, `--data-binary @BODY.json`);
  return parts.join(" \\\n  ");
}
