// Asks again about what failed, all of it or one cause, into the same columns: a new run.
import { Button, Group, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { retryFailed } from "../queries";
import type { Failure, Run } from "../model";
import { causeTitle, sum } from "../words";

interface RetryModalProps {
  run: Run;
  /** null: everything that failed. */
  failure: Failure | null;
  onClose: () => void;
}

export function RetryModal({ run, failure, onClose }: RetryModalProps) {
  const navigate = useNavigate();
  const isPriced = run.budget !== null;
  // What was not enough before is not offered again.
  const rest = run.budget === null || run.status === "stopped" ? null : Math.max(0, Number((run.budget - run.cost).toFixed(6)));
  const [budget, setBudget] = useState<number | string>(rest ?? "");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const questions = failure?.inputs ?? sum(run.providers, "failed") + sum(run.providers, "left");
  const mistake = error instanceof ApiError ? error.issues.find(({ pointer }) => pointer === "/budget")?.message : undefined;
  const retry = async () => {
    setBusy(true);
    setError(null);
    try {
      const again = await retryFailed(run.run_id, {
        codes: failure === null ? null : [failure.code],
        step: failure?.step ?? null,
        budget: typeof budget === "number" ? budget : null,
      });
      onClose();
      await navigate({ to: "/enrichments/$runId", params: { runId: again.run_id } });
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={failure === null ? "Ask about what is left" : `Ask again: ${causeTitle(failure.code).toLowerCase()}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void retry();
        }}
      >
        <Stack gap="md">
          <Text size="sm">A new run asks {plural(questions, "question")}, into the same columns. Nothing else is asked or paid for.</Text>
          {isPriced && <NumberInput label="Budget" description={rest === null ? "The most the new run may cost" : "What was left of the budget of this run"} value={budget} onChange={setBudget} min={0} decimalScale={6} hideControls required error={mistake} data-autofocus />}
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy}>
              Ask {plural(questions, "question")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
