// Makes one call with what is entered here, and shows what came of it.
import { Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { TryFrame } from "../../form/TryFrame";
import { money } from "../../kit/format";
import { Outcome } from "../Outcome";
import { tryConnection } from "../queries";
import type { Connection, Tried } from "../model";
import { causeTitle, confidenceWords, priceWords } from "../words";

interface TryConnectionProps {
  connection: Connection | null;
  /** There is something in the form that is not saved: what is saved is tried. */
  isDirty: boolean;
}

export function TryConnection({ connection, isDirty }: TryConnectionProps) {
  const [input, setInput] = useState<Record<string, string>>({});
  const trial = useMutation({ mutationFn: (id: string) => tryConnection(id, Object.fromEntries(Object.entries(input).filter(([, value]) => value.trim() !== ""))) });
  const needs = connection?.needs ?? [];
  return (
    <TryFrame
      isSaved={needs.length > 0}
      isDirty={isDirty}
      does={connection !== null && connection.price > 0 ? `One call, ${priceWords(connection)}.` : "One call, free."}
      trial={trial}
      onTry={() => connection !== null && trial.mutate(connection.id)}
      fields={needs.map((need) => (
        <TextInput
          key={need.name}
          label={need.title}
          description={need.description}
          required={need.required && !connection?.needs_one}
          value={input[need.name] ?? ""}
          onChange={(event) => setInput({ ...input, [need.name]: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
        />
      ))}
    >
      {trial.data !== undefined && connection !== null && <Answer tried={trial.data} connection={connection} />}
    </TryFrame>
  );
}

function Answer({ tried, connection }: { tried: Tried; connection: Connection }) {
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Outcome outcome={tried.outcome} />
        <Text size="sm" c="dimmed">
          {tried.outcome === "found" && `${confidenceWords(tried.confidence)} · `}cost {money(tried.cost)}
        </Text>
      </Group>
      {tried.reason !== null && <Text size="sm">{causeTitle(tried.reason)}</Text>}
      {tried.outcome === "found" && (
        <Table verticalSpacing={4} horizontalSpacing={0} aria-label="What came back">
          <Table.Tbody>
            {connection.gives.map(({ name, title }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} c="dimmed">
                  {title}
                </Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{tried.values[name] ?? <Text span c="dimmed" fs="italic" inherit>empty</Text>}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
