// What can be done with the export now; the server says which of these make sense.
import { Button, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Ban, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { plural } from "../../kit/format";
import { tell, tellError } from "../../kit/toast";
import type { Export } from "../model";
import { cancelExport, deleteExport, exportQuery } from "../queries";
import { DismissModal, RetryModal, waiting } from "./RefusedModals";

export function ExportActions({ one }: { one: Export }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [isCancelling, setCancelling] = useState(false);
  const [question, ask] = useState<"retry" | "dismiss" | "delete" | null>(null);
  const may = (action: string) => one.actions.includes(action);
  const cancel = async () => {
    setCancelling(true);
    try {
      await cancelExport(one.export_id);
    } catch (failure) {
      // It may have ended by itself meanwhile; what it is now shows next.
      if (failure instanceof ApiError && failure.status === 409) await cache.invalidateQueries({ queryKey: exportQuery(one.export_id).queryKey });
      else tellError("This did not work", failure);
    }
    setCancelling(false);
  };
  const remove = async () => {
    await deleteExport(one.export_id);
    tell(`“${one.name}” is deleted.`);
    await navigate({ to: "/exports", search: {} });
  };
  return (
    <>
      {may("cancel") && (
        <Button variant="default" leftSection={<Ban size={16} aria-hidden />} loading={isCancelling} onClick={() => void cancel()}>
          Cancel
        </Button>
      )}
      {may("retry-failed") && (
        <Button variant="default" leftSection={<RotateCw size={16} aria-hidden />} onClick={() => ask("retry")}>
          {retryWords(one)}
        </Button>
      )}
      {may("dismiss") && (
        <Button variant="default" onClick={() => ask("dismiss")}>
          Dismiss refused
        </Button>
      )}
      {may("delete") && (
        <Button variant="default" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => ask("delete")}>
          Delete
        </Button>
      )}
      {question === "retry" && <RetryModal one={one} cause={null} onClose={() => ask(null)} />}
      {question === "dismiss" && <DismissModal one={one} cause={null} onClose={() => ask(null)} />}
      {question === "delete" && (
        <ConfirmModal title={`Delete “${one.name}”?`} confirmLabel="Delete export" onConfirm={remove} onClose={() => ask(null)}>
          <Text size="sm">
            {one.file === null ? "Its counts and its list of rows are" : "Its file, its counts and its list of rows are"} gone for good. What was delivered elsewhere stays there.
          </Text>
        </ConfirmModal>
      )}
    </>
  );
}

function retryWords(one: Export): string {
  if (one.since !== null || one.rows === null) return "Try again";
  const isOnlyRefused = one.status === "done_with_failures";
  return isOnlyRefused ? `Retry ${plural(waiting(one), "refused row")}` : `Send the ${plural(waiting(one), "row")} left`;
}
