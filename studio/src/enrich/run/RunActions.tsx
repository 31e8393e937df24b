// What can be done with the run now; the server says which of these make sense.
import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Ban, Pause, Play, RotateCw, Undo2 } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { ApiError } from "../../api/errors";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { plural } from "../../kit/format";
import { tell, tellError } from "../../kit/toast";
import { runQuery, steer, type Verb } from "../queries";
import type { Run } from "../model";
import { sum } from "../words";
import { RetryModal } from "./RetryModal";

export function RunActions({ run }: { run: Run }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState<Verb | null>(null);
  const [question, ask] = useState<"undo" | "retry" | null>(null);
  const may = (action: Run["actions"][number]) => run.actions.includes(action);
  const refresh = () => cache.invalidateQueries({ queryKey: ["enrichments"] });
  const turn = async (verb: Verb) => {
    setBusy(verb);
    try {
      await steer(run.run_id, verb);
    } catch (failure) {
      // It may have ended by itself meanwhile; what it is now shows next.
      if (failure instanceof ApiError && failure.status === 409) await cache.invalidateQueries({ queryKey: runQuery(run.run_id).queryKey });
      else tellError("This did not work", failure);
    }
    setBusy(null);
  };
  const undo = async () => {
    const path = { upload_id: run.upload_id };
    await answer(api.POST("/api/audience/batch-upload/{upload_id}/undo", { params: { path }, body: { change_id: run.change_id } }));
    await Promise.all([refresh(), cache.invalidateQueries({ queryKey: ["upload", run.upload_id] })]);
    tell("Taken back: the table is as it was before.");
  };
  const button = (verb: Verb, label: string, icon: typeof Pause) => {
    const Icon = icon;
    return (
      <Button variant="default" leftSection={<Icon size={16} aria-hidden />} loading={busy === verb} disabled={busy !== null && busy !== verb} onClick={() => void turn(verb)}>
        {label}
      </Button>
    );
  };
  return (
    <>
      {may("pause") && button("pause", "Pause", Pause)}
      {may("resume") && button("resume", "Go on", Play)}
      {may("cancel") && button("cancel", "Cancel", Ban)}
      {may("retry-failed") && (
        <Button variant="default" leftSection={<RotateCw size={16} aria-hidden />} onClick={() => ask("retry")}>
          {retryWords(run)}
        </Button>
      )}
      {may("undo") && (
        <Button variant="default" leftSection={<Undo2 size={16} aria-hidden />} onClick={() => ask("undo")}>
          Undo
        </Button>
      )}
      {question === "retry" && <RetryModal run={run} failure={null} onClose={() => ask(null)} />}
      {question === "undo" && (
        <ConfirmModal title="Take this run back?" confirmLabel="Undo the run" onConfirm={undo} onClose={() => ask(null)}>
          <Text size="sm">{undoWords(run)} What providers answered is kept: another run does not pay for it again.</Text>
        </ConfirmModal>
      )}
    </>
  );
}

function retryWords(run: Run): string {
  const failed = sum(run.providers, "failed");
  const left = sum(run.providers, "left");
  if (failed === 0) return `Ask the ${plural(left, "question")} left`;
  return left === 0 ? `Retry ${plural(failed, "failed question")}` : `Ask ${plural(failed + left, "question")} again or first`;
}

function undoWords(run: Run): string {
  const added = run.targets.filter(({ is_new }) => is_new).map(({ column }) => column);
  const filled = run.targets.filter(({ is_new }) => !is_new).map(({ column }) => column);
  const gone = added.length > 0 ? `${added.join(", ")} ${added.length === 1 ? "goes" : "go"} from the table. ` : "";
  return `${gone}${filled.length > 0 ? `${filled.join(", ")} ${filled.length === 1 ? "gets" : "get"} back what was there before.` : ""}`;
}
