// Rows the destination refused, by cause: why, to look at, to try again, or to leave alone.
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, RotateCw } from "lucide-react";
import { useState } from "react";
import { count, plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import type { Export } from "../model";
import { isMoving } from "../queries";
import { causeTitle } from "../words";
import { DismissModal, RetryModal } from "./RefusedModals";

export interface Cause {
  code: string;
  messages: string[];
  rows: number;
}

const SHOWN = 3;
/** Not a code of rows: what is left over when a destination has a different reason for every row. */
const REST = "other";

export function Failures({ one }: { one: Export }) {
  const [asked, ask] = useState<{ what: "retry" | "dismiss"; cause: Cause } | null>(null);
  if (one.failures.length === 0) return null;
  // An export of changes sends everything that is different; a single cause cannot be picked from it.
  const mayRetry = one.actions.includes("retry-failed") && one.since === null;
  const mayDismiss = one.actions.includes("dismiss");
  return (
    <section aria-label="What was refused">
      <Title order={2} mb={4}>
        What was refused
      </Title>
      {one.dismissed > 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          {plural(one.dismissed, "of these rows is", "of these rows are")} dismissed: not sent there again as long as {one.dismissed === 1 ? "it stays" : "they stay"} as {one.dismissed === 1 ? "it is" : "they are"}.
        </Text>
      )}
      <Stack component="ul" gap="xs" m={0} mt="sm" p={0} style={{ listStyle: "none" }}>
        {causesOf(one).map((cause) => {
          const title = causeTitle(cause.code);
          return (
            <Paper key={cause.code} component="li" withBorder p="sm">
              <Group align="flex-start" gap="sm">
                <CircleAlert size={18} color="var(--bad-line)" aria-hidden style={{ flexShrink: 0, marginTop: 1 }} />
                <div style={{ flex: "1 1 240px", minWidth: 0, overflowWrap: "anywhere" }}>
                  <Text size="sm" fw={600}>
                    {title}: {plural(cause.rows, "row")}
                  </Text>
                  {cause.messages.slice(0, SHOWN).map((message) => (
                    <Text key={message} size="sm">
                      “{message}”
                    </Text>
                  ))}
                  <Text size="xs" c="dimmed">
                    {cause.messages.length > SHOWN && `and ${plural(cause.messages.length - SHOWN, "other wording")} · `}
                    <code>{cause.code}</code>
                  </Text>
                </div>
                {cause.code !== REST && !isMoving(one) && (
                  <Group gap="xs" style={{ flexShrink: 0 }}>
                    <LinkButton
                      size="xs"
                      variant="subtle"
                      to="."
                      search={(before: Record<string, string | undefined>) => ({ ...before, outcome: "failed", code: cause.code })}
                      replace
                      resetScroll={false}
                      aria-label={`Show rows: ${title}`}
                    >
                      Show rows
                    </LinkButton>
                    {mayDismiss && (
                      <Button size="xs" variant="default" onClick={() => ask({ what: "dismiss", cause })} aria-label={`Dismiss: ${title}`}>
                        Dismiss
                      </Button>
                    )}
                    {mayRetry && (
                      <Button size="xs" variant="default" leftSection={<RotateCw size={14} aria-hidden />} onClick={() => ask({ what: "retry", cause })} aria-label={`Retry these ${count(cause.rows)}: ${title}`}>
                        Retry these {count(cause.rows)}
                      </Button>
                    )}
                  </Group>
                )}
              </Group>
            </Paper>
          );
        })}
      </Stack>
      {asked?.what === "retry" && <RetryModal one={one} cause={asked.cause} onClose={() => ask(null)} />}
      {asked?.what === "dismiss" && <DismissModal one={one} cause={asked.cause} onClose={() => ask(null)} />}
    </section>
  );
}

/** One code may come with several wordings; retrying and dismissing know codes. */
function causesOf(one: Export): Cause[] {
  const causes = new Map<string, Cause>();
  for (const { code, message, rows } of one.failures) {
    const before = causes.get(code);
    causes.set(code, { code, rows: (before?.rows ?? 0) + rows, messages: [...(before?.messages ?? []), message] });
  }
  return [...causes.values()].sort((one, other) => other.rows - one.rows);
}
