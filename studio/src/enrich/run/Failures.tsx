// What failed, by cause: how many rows, some of them to look at, and a way to ask about just these again.
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, RotateCw } from "lucide-react";
import { useState } from "react";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import type { Failure, Run } from "../model";
import { causeTitle } from "../words";
import { RetryModal } from "./RetryModal";

const SHOWN = 5;

export function Failures({ run }: { run: Run }) {
  const [retried, setRetried] = useState<Failure | null>(null);
  if (run.failures.length === 0) return null;
  const mayRetry = run.actions.includes("retry-failed");
  return (
    <section aria-label="What failed">
      <Title order={2} mb="sm">
        What failed
      </Title>
      <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {run.failures.map((failure) => (
          <Paper key={`${failure.step}:${failure.code}`} component="li" withBorder p="sm">
            <Group align="flex-start" gap="sm">
              <CircleAlert size={18} color="var(--bad-line)" aria-hidden style={{ flexShrink: 0, marginTop: 1 }} />
              <div style={{ flex: "1 1 220px", minWidth: 0 }}>
                <Text size="sm" fw={600}>
                  {causeTitle(failure.code)}: {plural(failure.rows, "row")}
                </Text>
                <Text size="sm">
                  {failure.message}{" "}
                  <Text span c="dimmed" inherit>
                    {run.providers[failure.step]?.title ?? failure.provider}, {plural(failure.inputs, "question")}, <code>{failure.code}</code>
                  </Text>
                </Text>
                <Group gap="xs" mt={4}>
                  <Text size="xs" c="dimmed">
                    {failure.row_ids.length < failure.rows ? "For example" : "In"}
                  </Text>
                  {failure.row_ids.slice(0, SHOWN).map((id) => (
                    <LinkAnchor key={id} size="xs" to="/uploads/$uploadId" params={{ uploadId: run.upload_id }} search={{ row_id: String(id), panel: "row" }}>
                      row {count(id + 1)}
                    </LinkAnchor>
                  ))}
                </Group>
              </div>
              {mayRetry && (
                <Button size="xs" variant="default" style={{ flexShrink: 0 }} leftSection={<RotateCw size={14} aria-hidden />} onClick={() => setRetried(failure)} aria-label={`Retry these ${count(failure.rows)}: ${causeTitle(failure.code)}`}>
                  Retry these {count(failure.rows)}
                </Button>
              )}
            </Group>
          </Paper>
        ))}
      </Stack>
      {retried !== null && <RetryModal run={run} failure={retried} onClose={() => setRetried(null)} />}
    </section>
  );
}
