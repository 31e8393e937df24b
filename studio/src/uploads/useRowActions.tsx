// Which question is open about which uploads, and what is done once it is answered.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { meQuery } from "../app/session";
import { plural } from "../kit/format";
import { RenameModal } from "../kit/RenameModal";
import { tell, tellError } from "../kit/toast";
import { erase, inBulk, type Operation, rename } from "./actions";
import { BulkBar } from "./BulkBar";
import { type BulkResult, BulkResultModal } from "./BulkResultModal";
import { DeleteModal } from "./DeleteModal";
import { hasTable, type UploadView } from "./list";
import type { RowAction } from "./RowMenu";
import { ShareModal } from "./ShareModal";

type Question =
  | { about: "rename" | "share" | "delete"; upload: UploadView }
  | { about: "delete-all"; uploads: readonly UploadView[] }
  | { about: "result"; result: BulkResult };

const DONE: Record<Operation, string> = { delete: "deleted", cancel: "cancelled", reprocess: "to be processed again" };

export function useRowActions(ticked: readonly UploadView[], clear: () => void): { run: (action: RowAction, upload: UploadView) => void; shown: ReactNode } {
  const [question, ask] = useState<Question | null>(null);
  const [busy, setBusy] = useState<Operation | null>(null);
  const { data: me } = useQuery(meQuery);
  const maySeeSegments = me?.scopes.includes("segments:read") ?? false;
  const close = () => ask(null);

  const carryOut = async (operation: Operation, uploads: readonly UploadView[]) => {
    const outcomes = await inBulk(operation, uploads);
    const done = outcomes.filter(({ status }) => status === "success").length;
    const words = `${done} of ${plural(outcomes.length, "upload")} ${DONE[operation]}`;
    if (done === outcomes.length) tell(outcomes.length === 1 ? `${uploads[0]?.upload_name ?? "Upload"} ${DONE[operation]}` : words);
    // Asked in the next turn: the question before it is closed by then.
    else setTimeout(() => ask({ about: "result", result: { title: words, uploads, outcomes } }));
    clear();
  };
  const now = (operation: Operation, uploads: readonly UploadView[]) => {
    setBusy(operation);
    carryOut(operation, uploads)
      .catch((error: unknown) => tellError("This was not done", error))
      .finally(() => setBusy(null));
  };
  const run = (action: RowAction, upload: UploadView) => {
    if (action === "cancel" || action === "reprocess") now(action, [upload]);
    else ask({ about: action, upload });
  };
  const shown = (
    <>
      {ticked.length > 0 && (
        <BulkBar
          selected={ticked.length}
          tables={maySeeSegments ? ticked.filter(hasTable).map((one) => one.upload_id) : null}
          busy={busy}
          onClear={clear}
          onOperation={(operation) => (operation === "delete" ? ask({ about: "delete-all", uploads: ticked }) : now(operation, ticked))}
        />
      )}
      {question?.about === "rename" && (
        <RenameModal what="upload" name={question.upload.upload_name} onRename={(name) => rename(question.upload.upload_id, name)} onClose={close} />
      )}
      {question?.about === "share" && <ShareModal upload={question.upload} onClose={close} />}
      {question?.about === "delete" && (
        <DeleteModal
          uploads={[question.upload]}
          onClose={close}
          onConfirm={(withDependants) => erase(question.upload.upload_id, withDependants).then(() => tell(`${question.upload.upload_name} deleted`))}
        />
      )}
      {question?.about === "delete-all" && (
        <DeleteModal uploads={question.uploads} onClose={close} onConfirm={() => carryOut("delete", question.uploads)} />
      )}
      {question?.about === "result" && <BulkResultModal result={question.result} onClose={close} />}
    </>
  );
  return { run, shown };
}
