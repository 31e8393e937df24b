// Asks the destination whether it would take anything, and shows what it says; no rows are sent.
import { Alert, Code, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { SchemaForm } from "../../form/SchemaForm";
import { type Shape, shapeOf } from "../../form/shape";
import { TryFrame } from "../../form/TryFrame";
import { cleaned, type Values } from "../../form/values";
import { worded } from "../../kit/worded";
import type { Connection, Destination } from "../model";
import { tryConnection } from "./queries";

interface TryConnectionProps {
  destination: Destination;
  connection: Connection | null;
  /** There is something in the form that is not saved: what is saved is tried. */
  isDirty: boolean;
}

const NO_MISTAKES = new Map<string, string>();

export function TryConnection({ destination, connection, isDirty }: TryConnectionProps) {
  const shape = useMemo(() => optional(shapeOf(destination.settings)), [destination]);
  const [settings, setSettings] = useState<Values>({});
  const trial = useMutation({ mutationFn: (id: string) => tryConnection(id, (cleaned(shape, settings) ?? {}) as Values) });
  const asksMore = shape.kind === "object" && shape.members.length > 0;
  return (
    <TryFrame
      isSaved={connection !== null}
      isDirty={isDirty}
      does="One call, without any rows."
      trial={trial}
      onTry={() => connection !== null && trial.mutate(connection.id)}
      fields={
        asksMore && (
          <details>
            <summary style={{ cursor: "pointer", fontSize: 13 }}>Settings of an export to try it with</summary>
            <Stack gap="sm" mt="sm">
              <SchemaForm shape={shape} value={settings} onChange={setSettings} pointer="/settings" mistakes={NO_MISTAKES} />
            </Stack>
          </details>
        )
      }
    >
      {trial.data !== undefined && !trial.isPending && <Answer tried={trial.data} />}
    </TryFrame>
  );
}

function Answer({ tried }: { tried: Awaited<ReturnType<typeof tryConnection>> }) {
  const icon = tried.ok ? <CircleCheck size={18} color="var(--good-text)" aria-hidden /> : <CircleAlert size={18} color="var(--bad-line)" aria-hidden />;
  return (
    <Alert variant="default" icon={icon} title={tried.ok ? "It works" : "It does not work yet"}>
      <Stack gap="xs">
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {worded(tried.message)}
        </Text>
        {tried.code !== null && <Code w="fit-content">{tried.code}</Code>}
      </Stack>
    </Alert>
  );
}

/** A trial asks with what there is; nothing is needed. */
function optional(shape: Shape): Shape {
  return shape.kind === "object" ? { ...shape, members: shape.members.map((member) => ({ ...member, isRequired: false })) } : shape;
}
