// Step 2: where it goes, and what has to be said about that: a format, a connection, settings, whose hashes.
import { Button, Group, Paper, Radio, Stack, Text, Title } from "@mantine/core";
import { ArrowLeft, ArrowRight, Database, FileDown, FolderUp, type LucideIcon, Megaphone, Send, Webhook } from "lucide-react";
import { useMemo, useState } from "react";
import { ApiError } from "../../api/errors";
import { queries } from "../../api/queries";
import { SchemaForm } from "../../form/SchemaForm";
import { shapeOf } from "../../form/shape";
import { mistakesIn } from "../../form/values";
import { ErrorNote } from "../../kit/ErrorNote";
import { StepFooter } from "../../kit/StepFooter";
import type { Destination, ExportBody } from "../model";
import { definitionQuery } from "../queries";
import { ConnectionPicker } from "./ConnectionPicker";
import { FileChoices } from "./FileChoices";
import { HashingChoices } from "./HashingChoices";
import { whereFault } from "./plan";
import type { Planning } from "./planning";
import { stepOf } from "./Refusal";
import classes from "./wizard.module.css";

const ICONS: Record<string, LucideIcon> = { download: FileDown, object_store: FolderUp, http: Webhook, postgresql: Database, google_data_manager: Megaphone, meta_custom_audiences: Megaphone };

export function WhereStep({ planning }: { planning: Planning }) {
  const { destinations, connections, destination, connection, draft, address } = planning;
  const fault = whereFault(destination, connection, draft);
  const { check, isChecking, error } = useCheck(planning);
  const choose = (id: string) => {
    const able = connections.filter((each) => each.destination === id);
    const kept = able.find((each) => each.id === address.connectionId) ?? (able.length === 1 ? able[0] : undefined);
    address.setWhere(id, kept?.id ?? null);
  };
  return (
    <Stack gap="md">
      <Title order={2}>Where it goes</Title>
      <Radio.Group value={destination?.id ?? null} onChange={choose} aria-label="Destination">
        <div className={classes.cards}>
          {destinations.map((each) => (
            <DestinationCard key={each.id} destination={each} connections={connections.filter(({ destination: of }) => of === each.id).length} />
          ))}
        </div>
      </Radio.Group>
      {destination !== null && (
        <Paper withBorder p="md" component="section" aria-label={destination.title}>
          <Stack gap="md">
            <Title order={3}>{destination.title}</Title>
            {destination.connection !== null && <ConnectionPicker planning={planning} destination={destination} />}
            <DestinationSettings key={destination.id} planning={planning} destination={destination} />
            {destination.takes === "file" && <FileChoices planning={planning} destination={destination} />}
            <HashingChoices planning={planning} destination={destination} />
          </Stack>
        </Paper>
      )}
      {error !== null && <ErrorNote error={error} />}
      <StepFooter note={fault ?? ""}>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("rows")}>
          Back
        </Button>
        <Button disabled={fault !== null} loading={isChecking} rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => void check()}>
          Choose the columns
        </Button>
      </StepFooter>
    </Stack>
  );
}

/** Settings that cannot work are better said here than two steps on; what is about columns is said there. */
function useCheck({ wish, address, refused }: Planning): { check: () => Promise<void>; isChecking: boolean; error: unknown } {
  const [isChecking, setChecking] = useState(false);
  const [refusal, setRefusal] = useState<{ wish: ExportBody | null; error: unknown } | null>(null);
  const check = async () => {
    setChecking(true);
    try {
      await queries.fetchQuery(definitionQuery(wish));
      address.go("columns");
    } catch (error) {
      const steps = error instanceof ApiError ? error.issues.map(({ pointer }) => stepOf(pointer)) : [];
      if (steps.length > 0 && steps.every((step) => step !== "where")) {
        address.go("columns");
      } else {
        refused(error);
        setRefusal({ wish, error });
      }
    }
    setChecking(false);
  };
  return { check, isChecking, error: refusal?.wish === wish ? (refusal?.error ?? null) : null };
}

function DestinationCard({ destination, connections }: { destination: Destination; connections: number }) {
  const { id, title, description } = destination;
  const Icon = ICONS[id] ?? Send;
  return (
    <Radio.Card value={id} className={classes.destination ?? ""} aria-label={title} aria-describedby={`about-${id}`}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Radio.Indicator mt={2} />
        <div style={{ minWidth: 0 }}>
          <Group gap={6} wrap="nowrap">
            <Icon size={16} aria-hidden style={{ flexShrink: 0 }} />
            <Text size="sm" fw={600}>
              {title}
            </Text>
          </Group>
          <Text size="sm" c="dimmed" id={`about-${id}`}>
            {description}
          </Text>
          {destination.connection !== null && (
            <Text size="xs" c="dimmed" mt={2}>
              {connections === 0 ? "Needs a connection; there is none yet." : connections === 1 ? "1 connection" : `${connections} connections`}
            </Text>
          )}
        </div>
      </Group>
    </Radio.Card>
  );
}

const SETTINGS = "/settings";

function DestinationSettings({ planning, destination }: { planning: Planning; destination: Destination }) {
  const { draft, change, mistakes } = planning;
  const shape = useMemo(() => shapeOf(destination.settings), [destination]);
  const placed = useMemo(() => mistakesIn(shape, SETTINGS, [...mistakes].map(([pointer, message]) => ({ pointer, message }))), [shape, mistakes]);
  if (shape.kind !== "object" || shape.members.length === 0) return null;
  return (
    <SchemaForm
      shape={shape}
      value={draft.settings[destination.id] ?? {}}
      onChange={(settings) => change({ settings: { ...draft.settings, [destination.id]: settings } })}
      pointer={SETTINGS}
      mistakes={placed}
    />
  );
}
