// The name, the budget and the start of a run. A run with prices needs a budget, and never costs more than it.
import { Button, Group, NumberInput, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { ErrorNote } from "../../kit/ErrorNote";
import { money } from "../../kit/format";
import { useIdempotencyKey } from "../../kit/useIdempotencyKey";
import { startRun } from "../queries";
import type { Estimate, RunBody } from "../model";
import type { Planning } from "./planning";

interface StartRunProps {
  planning: Planning;
  wish: RunBody;
  estimate: Estimate;
}

export function StartRun({ planning, wish, estimate }: StartRunProps) {
  const { draft, change, upload } = planning;
  const navigate = useNavigate();
  const { keyFor, forget } = useIdempotencyKey(`enrich:${upload.upload_id}`);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isPriced = estimate.providers.some((step) => step.price > 0);
  const { likely, most } = estimate.cost;
  const isMissing = isPriced && draft.budget === null;
  const asksNothing = estimate.providers.every((step) => step.to_ask === 0 && step.cached === 0);
  const mistake = (pointer: string) => (error instanceof ApiError ? error.issues.find((issue) => issue.pointer === pointer)?.message : undefined);
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      const run = await startRun(wish, keyFor(wish));
      forget();
      await navigate({ to: "/enrichments/$runId", params: { runId: run.run_id } });
      change(null);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Paper
      withBorder
      p="md"
      component="form"
      aria-label="Start the run"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && !isMissing && !asksNothing) void start();
      }}
    >
      <Stack gap="sm">
        <Title order={2}>Start it</Title>
        <Group align="flex-start" gap="md">
          <TextInput label="Name" description="As it is listed among the runs" value={draft.name ?? ""} placeholder={wish.name ?? ""} maxLength={200} onChange={(event) => change({ name: event.currentTarget.value })} error={mistake("/name")} style={{ flex: "1 1 280px" }} autoComplete="off" />
          <NumberInput
            label="Budget"
            description="In the currency of your prices; it never costs more"
            required={isPriced}
            withAsterisk={isPriced}
            placeholder={isPriced ? "" : "No limit"}
            value={draft.budget ?? ""}
            onChange={(next) => change({ budget: next === "" ? null : Number(next) })}
            min={0}
            decimalScale={6}
            hideControls
            error={mistake("/budget")}
            style={{ flex: "1 1 240px" }}
          />
        </Group>
        {isPriced && (
          <Group gap="xs">
            <Text size="sm" c={draft.budget !== null && draft.budget < (likely ?? most ?? 0) ? "var(--warn-text)" : "dimmed"} role="status">
              {budgetWords(draft.budget, likely, most)}
            </Text>
            {most !== null && most > 0 && draft.budget !== most && (
              <Button size="compact-xs" variant="subtle" onClick={() => change({ budget: most })}>
                Allow {money(most)}
              </Button>
            )}
          </Group>
        )}
        {error !== null && <ErrorNote error={error} />}
        <Group justify="flex-end" gap="sm">
          <Text size="sm" c="dimmed">
            {asksNothing ? "No row would be asked about: there is nothing to do." : isMissing ? "Say the most it may cost first." : ""}
          </Text>
          <Button type="submit" loading={isBusy} disabled={isMissing || asksNothing} leftSection={<Play size={16} aria-hidden />}>
            Run
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

function budgetWords(budget: number | null, likely: number | null, most: number | null): string {
  if (most === null) return "What it can cost depends on what comes before. At the budget it stops and keeps what was found.";
  if (budget === null) return `It can cost up to ${money(most)}.`;
  if (budget >= most) return "Enough for everything it can cost.";
  if (likely !== null && budget >= likely) return `Likely enough. It can cost up to ${money(most)}; at the budget it stops and keeps what was found.`;
  return "Likely not enough for every row: at the budget it stops and keeps what was found.";
}
