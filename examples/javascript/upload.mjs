// Upload any number of records from JavaScript: Node 20 or newer, no packages.
//
//   export MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_...
//   node examples/javascript/upload.mjs examples/organisations.json "Organisations (JavaScript)"
//
// The file holds a JSON array of records, or of the example organisations. Batches keep both limits of a request
// (records and bytes), each carries an Idempotency-Key made from its own bytes, so running this again after a cut
// stores nothing twice. Copy what you need.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const MiB = 1024 * 1024;
const LIMITS = { records: 50_000, wireBytes: 5 * MiB, decodedBytes: 64 * MiB };
const ATTEMPTS = 5;
const LONGEST_WAIT_SECONDS = 300;
const REQUEST_TIMEOUT_SECONDS = 60;
const compress = promisify(gzip);

/** A refusal: the server's message, its HTTP status, and what is wrong with which record. */
export class MusterError extends Error {
  constructor(status, said, retryAfterSeconds) {
    super(said.message ?? `the server answered ${status}`);
    Object.assign(this, { status, code: said.code, errors: said.errors ?? [], retryAfterSeconds });
  }
}

/**
 * Store all `records` (any iterable of objects) and return the receipts, one a batch.
 * Throws MusterError; `error.receipts` are the batches stored before it, `error.errors[i].row` counts over all records.
 */
export async function upload(records, { name, url, key, limits = LIMITS, onStored = () => {} }) {
  const receipts = [];
  let first = 0;
  try {
    for (const { batch, isLast } of batches(records, limits)) {
      const queue = [{ batch, isLast }];
      while (queue.length > 0) {
        const { batch: part, isLast: isLastPart } = queue.shift();
        const isOnly = receipts.length === 0 && isLastPart && queue.length === 0;
        const partName = isOnly ? name : `${name} (part ${receipts.length + 1})`;
        const receipt = await sendOrNull(part, { partName, url, key, limits });
        if (receipt === null) {
          const middle = Math.ceil(part.length / 2);
          queue.unshift(
            { batch: part.slice(0, middle), isLast: false },
            { batch: part.slice(middle), isLast: isLastPart },
          );
          continue;
        }
        receipts.push(receipt);
        first += part.length;
        onStored(receipt, first);
      }
    }
  } catch (error) {
    for (const one of error.errors ?? []) if (Number.isInteger(one.row)) one.row += first;
    throw Object.assign(error, { receipts });
  }
  return receipts;
}

/** Cut records, already as JSON text, into arrays under the limits on records and decoded bytes. */
function* batches(records, limits) {
  const envelopeBytes = 1024;
  let batch = [];
  let bytes = envelopeBytes;
  for (const record of records) {
    const text = JSON.stringify(record);
    const size = Buffer.byteLength(text) + 1;
    if (batch.length > 0 && (batch.length >= limits.records || bytes + size > limits.decodedBytes)) {
      yield { batch, isLast: false };
      batch = [];
      bytes = envelopeBytes;
    }
    batch.push(text);
    bytes += size;
  }
  if (batch.length > 0) yield { batch, isLast: true };
}

/** Send one batch; null when it is too much for one request and has to be halved. */
async function sendOrNull(batch, { partName, url, key, limits }) {
  const body = `{"upload_name":${JSON.stringify(partName)},"records":[${batch.join(",")}]}`;
  const wire = await compress(body);
  if (wire.length > limits.wireBytes && batch.length > 1) return null;
  const headers = {
    Authorization: `Bearer ${key}`,
    "Content-Type": "application/json",
    "Content-Encoding": "gzip",
    "Idempotency-Key": createHash("sha256").update(body).digest("hex"),
  };
  try {
    return await send(`${url}/api/audience/batch-upload`, { method: "POST", headers, body: wire });
  } catch (error) {
    const isTooMuch = error.status === 413 || error.code === "records_too_many" ||
      error.errors?.some((one) => one.code === "records_too_many");
    if (isTooMuch && batch.length > 1) return null;
    throw error;
  }
}

/** One request, tried again when the connection broke, the server failed, or it said when to come back. */
async function send(address, request) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(address, request);
    } catch (error) {
      const said = error.retryAfterSeconds;
      const mayTryAgain =
        !(error instanceof MusterError) || error.status === 429 || error.status >= 500 ||
        (error.status === 409 && said !== undefined);
      if (!mayTryAgain || attempt >= ATTEMPTS || said > LONGEST_WAIT_SECONDS) throw error;
      await wait((said ?? 0.2 * 2 ** (attempt - 1)) * 1000);
    }
  }
}

async function sendOnce(address, request) {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_SECONDS * 1000);
  const answer = await fetch(address, { ...request, signal });
  const text = await answer.text();
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    said = { message: `${answer.status}, and not Muster's JSON; is ${address} a Muster server?` };
    if (answer.ok) throw new MusterError(answer.status, said);
  }
  if (answer.ok) return said;
  const retryAfter = answer.headers.get("Retry-After");
  throw new MusterError(answer.status, said, retryAfter === null ? undefined : Number(retryAfter));
}

/** The example organisations as records with an identifier; other files are taken as they are. */
function asRecord(row) {
  if (!Array.isArray(row?.domains)) return row;
  return { domain: row.domains[0], name: row.name, country: row.country };
}

async function main([path = "examples/organisations.json", name = "Organisations (JavaScript)"]) {
  const url = (process.env.MUSTER_URL ?? "http://localhost:3000").replace(/\/+$/, "");
  const key = process.env.MUSTER_API_KEY ?? "";
  try {
    const records = JSON.parse(await readFile(path, "utf8")).map(asRecord);
    const onStored = (receipt, stored) => console.log(`${receipt.upload_id}: ${stored} records stored so far`);
    const receipts = await upload(records, { name, url, key, onStored });
    console.log(`${receipts.reduce((sum, one) => sum + one.rows_accepted, 0)} of ${records.length} records stored`);
  } catch (error) {
    console.error(error instanceof MusterError ? error.message : `${error.message}: ${error.cause?.message ?? ""}`);
    for (const one of error.errors ?? []) console.error(`  record ${one.row}: ${one.message}`);
    for (const one of error.receipts ?? []) console.error(`  stored before that: ${one.upload_id}`);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.slice(2));
