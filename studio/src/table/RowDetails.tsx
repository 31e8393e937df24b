// All of one row: every value, what rules said about it, what was edited.
import { ActionIcon, Badge, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CircleAlert, PencilLine, Sparkles } from "lucide-react";
import { rowsOf } from "../grid/askRows";
import { type Issue, reasonOf, type Row, type RowQuestion } from "../grid/model";
import { count } from "../kit/format";
import { ErrorNote } from "../kit/ErrorNote";
import { type CellOrigin, factsOf, provenanceQuery, providerOf } from "./provenance";
import { rowQuery } from "./queries";
import { SidePanel } from "../kit/SidePanel";

interface RowDetailsProps {
  question: RowQuestion;
  version: number | null;
  /** From 1. */
  row: number;
  total: number | null;
  titles: ReadonlyMap<string, string> | undefined;
  mayTrace: boolean;
  onGo: (row: number) => void;
  onClose: () => void;
}

export function RowDetails({ question, version, row, total, titles, mayTrace, onGo, onClose }: RowDetailsProps) {
  const { data, error, refetch, isPending } = useQuery(rowQuery(question, row - 1, version));
  const found = data === undefined ? undefined : rowsOf(data)[0];
  const { data: origins } = useQuery({ ...provenanceQuery(question.uploadId, found?.id ?? 0, version), enabled: found !== undefined && mayTrace });
  return (
    <SidePanel title={`Row ${count(row)}`} onClose={onClose}>
      <Group gap="xs" mb="sm" justify="space-between">
        <Text size="sm" c="dimmed">
          {found?.sent === null || found === undefined ? "" : `Record ${count(found.sent + 1)} of what was sent`}
        </Text>
        <Group gap={4}>
          <ActionIcon variant="default" aria-label="Row before" disabled={row <= 1} onClick={() => onGo(row - 1)}>
            <ChevronLeft size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="Row after" disabled={total !== null && row >= total} onClick={() => onGo(row + 1)}>
            <ChevronRight size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton height={320} />}
      {data !== undefined && found === undefined && <Text c="dimmed">There is no such row any more.</Text>}
      {found !== undefined && <Values row={found} origins={origins ?? []} titles={titles} />}
    </SidePanel>
  );
}

interface ValuesProps {
  row: Row;
  origins: readonly CellOrigin[];
  titles: ReadonlyMap<string, string> | undefined;
}

function Values({ row, origins, titles }: ValuesProps) {
  const whole = row.issues.filter((issue) => issue.field === null);
  return (
    <Stack gap="md">
      {whole.length > 0 && <Reason issues={whole} />}
      <Stack component="dl" gap="sm" m={0}>
        {Object.entries(row.cells).map(([name, value]) => (
          <Value key={name} name={name} value={value} isEdited={row.edited.includes(name)} issues={row.issues.filter((issue) => issue.field === name)} origin={origins.find(({ column }) => column === name)} titles={titles} />
        ))}
      </Stack>
    </Stack>
  );
}

interface ValueProps {
  name: string;
  value: string | null;
  isEdited: boolean;
  issues: readonly Issue[];
  origin: CellOrigin | undefined;
  titles: ReadonlyMap<string, string> | undefined;
}

function Value({ name, value, isEdited, issues, origin, titles }: ValueProps) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
        {isEdited && (
          <Badge ml={6} size="xs" color="gray" variant="default" leftSection={<PencilLine size={10} aria-hidden />}>
            edited
          </Badge>
        )}
      </Text>
      <Text component="dd" m={0} size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }} {...(value === null ? { c: "dimmed" } : {})}>
        {value ?? "empty"}
      </Text>
      {origin !== undefined && origin.provider !== null && (
        <Text component="dd" m={0} size="xs" c="dimmed">
          <Sparkles size={11} aria-label="enriched by" style={{ verticalAlign: "-1px" }} /> {[providerOf(origin, titles), ...factsOf(origin)].join(" · ")}
        </Text>
      )}
      {issues.length > 0 && <Reason issues={issues} isPast={isEdited} />}
    </div>
  );
}

function Reason({ issues, isPast = false }: { issues: readonly Issue[]; isPast?: boolean }) {
  return (
    <Group component="dd" gap={6} m={0} wrap="nowrap" align="flex-start" c={isPast ? "dimmed" : "var(--bad-text)"}>
      <CircleAlert size={14} aria-hidden style={{ flexShrink: 0, marginTop: 3 }} />
      <Text size="sm">
        {isPast && "Before the edit: "}
        {reasonOf(issues)}
      </Text>
    </Group>
  );
}
