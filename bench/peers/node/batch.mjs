// The specification's own design, shared by peers (c) and (c2): Zod checks the batch, a Map in memory keeps it.
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const IDENTIFIERS = ["business_email", "personal_email", "email", "domain", "company_domain"];
// A Map of every batch would grow until Node dies; the newest eight are kept, which favours this peer.
const KEPT_UPLOADS = 8;

const uploads = new Map();
const gunzipAsync = promisify(gunzip);

// `zod` is version 3.25.76, the specification's own; `zod4` the newest, for comparison.
const { z } = process.env.PEER_ZOD === "4" ? await import("zod4") : await import("zod");

const hasIdentifier = (record) =>
  IDENTIFIERS.some((name) => typeof record[name] === "string" && record[name].trim() !== "");

const Batch = z.object({
  upload_name: z.string().min(1).max(100),
  records: z
    .array(z.record(z.string(), z.unknown()).refine(hasIdentifier, "At least one identifier is needed."))
    .min(1)
    .max(50_000),
  fields: z.array(z.string()).optional(),
});

// Takes the body's bytes and its Content-Encoding; gives [HTTP status, answer].
export async function receive(body, encoding) {
  let json;
  try {
    json = JSON.parse((encoding === "gzip" ? await gunzipAsync(body) : body).toString("utf8"));
  } catch {
    return [400, { status: "error", message: "The body is not JSON." }];
  }
  const checked = Batch.safeParse(json);
  if (!checked.success) return [400, { status: "error", message: checked.error.message }];

  const upload_id = `upl_${randomBytes(12).toString("hex")}`;
  uploads.set(upload_id, { ...checked.data, created_at: new Date().toISOString() });
  if (uploads.size > KEPT_UPLOADS) uploads.delete(uploads.keys().next().value);
  return [
    200,
    {
      status: "success",
      upload_id,
      session_token: `sess_${randomBytes(24).toString("hex")}`,
      rows_received: checked.data.records.length,
      message: "Batch upload successful",
    },
  ];
}
