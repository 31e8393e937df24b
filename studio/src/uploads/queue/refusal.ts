// What a failed request of a resumable upload means: go on later, begin anew, or ask a person.
import type { DetailedError } from "tus-js-client";

export interface Refusal {
  /** later: by itself; anew: the server has given it up; never: a person has to decide. */
  readonly next: "later" | "anew" | "never";
  readonly message: string;
}

const AWAY = "The connection is away. Sending goes on by itself when it is back.";
const BUSY = "The server is busy. Sending goes on by itself.";

const PASSING = new Set([409, 423, 429, 460, 500, 502, 503, 504]);

export function refusalOf(error: Error | DetailedError): Refusal {
  const answer = "originalResponse" in error ? error.originalResponse : null;
  const status = answer?.getStatus() ?? 0;
  if (status === 0) {
    // Without a request there was no network involved: the file itself could not be read.
    if (!("originalRequest" in error)) {
      return { next: "never", message: "The file cannot be read any more. It may have been moved, changed or deleted: choose it again." };
    }
    return { next: "later", message: AWAY };
  }
  const said = sentenceOf(answer?.getBody() ?? "");
  if (said.code === "upload_complete") return { next: "later", message: BUSY };
  if (status === 404 || status === 410) return { next: "anew", message: said.message ?? "The server has given this upload up." };
  if (status === 401) return { next: "never", message: "You are signed out. Sign in again in another tab, then try again; what was sent is kept." };
  if (PASSING.has(status)) return { next: "later", message: status === 429 || status >= 500 ? BUSY : AWAY };
  return { next: "never", message: said.message ?? `The server refused this file (${status}).` };
}

function sentenceOf(body: string): { message?: string; code?: string } {
  try {
    const facts: unknown = JSON.parse(body);
    return typeof facts === "object" && facts !== null ? facts : {};
  } catch {
    return {}; // answers to HEAD have no body, and a proxy may send HTML
  }
}
