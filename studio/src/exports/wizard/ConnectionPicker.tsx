// Which of the connections to a destination, and whether it would take anything.
import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX, PlugZap } from "lucide-react";
import { shapeOf } from "../../form/shape";
import { cleaned } from "../../form/values";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor } from "../../kit/links";
import type { Destination, JsonObject } from "../model";
import { tryConnection } from "../queries";
import { connectionPath } from "../words";
import type { Planning } from "./planning";

export function ConnectionPicker({ planning, destination }: { planning: Planning; destination: Destination }) {
  const { connections, connection, address, draft, mistakes } = planning;
  const able = connections.filter((each) => each.destination === destination.id);
  const settings = (cleaned(shapeOf(destination.settings), draft.settings[destination.id] ?? {}) ?? {}) as JsonObject;
  const trial = useMutation({ mutationFn: (id: string) => tryConnection(id, settings) });
  const isAbout = trial.variables === connection?.id;
  if (able.length === 0) {
    return (
      <Text size="sm">
        A connection keeps the address and the keys. There is none for this destination yet:{" "}
        <LinkAnchor to={connectionPath("new")} search={{ destination: destination.id }} underline="always">
          make one
        </LinkAnchor>
        , then come back; what you entered here stays.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label="Connection"
          data={[{ value: "", label: "Choose one" }, ...able.map(({ id, name }) => ({ value: id, label: name }))]}
          value={connection?.id ?? ""}
          onChange={(event) => address.setWhere(destination.id, event.currentTarget.value || null)}
          error={mistakes.get("/connection")}
          miw={220}
        />
        <Button variant="default" leftSection={<PlugZap size={16} aria-hidden />} disabled={connection === null} loading={trial.isPending} onClick={() => connection !== null && trial.mutate(connection.id)}>
          Try it
        </Button>
        {connection !== null && (
          <LinkAnchor to={connectionPath(connection.id)} size="sm" mb={8}>
            Its settings
          </LinkAnchor>
        )}
        <LinkAnchor to={connectionPath("new")} search={{ destination: destination.id }} size="sm" mb={8}>
          Another one
        </LinkAnchor>
      </Group>
      <div aria-live="polite">
        {trial.isError && isAbout && <ErrorNote error={trial.error} />}
        {trial.data !== undefined && isAbout && (
          <Group gap={6} wrap="nowrap">
            {trial.data.ok ? <CircleCheck size={16} color="var(--good-text)" aria-hidden /> : <CircleX size={16} color="var(--bad-line)" aria-hidden />}
            <Text size="sm" c={trial.data.ok ? "var(--good-text)" : "var(--bad-text)"}>
              {trial.data.message} No row was sent.
            </Text>
          </Group>
        )}
      </div>
    </Stack>
  );
}
