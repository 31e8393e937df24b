// Step 3: the work on the rows while it runs; then what was found, to be fixed one by one or all alike.
import type { Address } from "./address";
import { isWorking, isFile, type Upload } from "./queries";
import { Review } from "./Review";
import { Stopped } from "./Stopped";
import { Working } from "./Working";

export function CheckStep({ upload, address }: { upload: Upload; address: Address }) {
  // Records sent by a program wait as `uploaded` until something works on them; their rejects can be looked at.
  if (isWorking(upload) && (isFile(upload) || upload.progress !== undefined)) return <Working upload={upload} address={address} />;
  if (upload.upload_status === "failed" || upload.upload_status === "cancelled") return <Stopped upload={upload} address={address} />;
  return <Review upload={upload} address={address} />;
}
