// Narrows the list of exports by status, source and destination; all of it stands in the address.
import { Button, Group, NativeSelect } from "@mantine/core";
import { X } from "lucide-react";
import { statusLabel } from "../../kit/StatusBadge";
import type { Export } from "../model";
import type { ExportFilter } from "../queries";

const STATUSES = ["queued", "running", "done", "done_with_failures", "failed", "cancelled"];

interface ExportFiltersProps {
  filter: ExportFilter;
  /** Exports that are listed; their sources and destinations are offered. */
  known: readonly Export[];
  onChange: (filter: ExportFilter) => void;
}

export function ExportFilters({ filter, known, onChange }: ExportFiltersProps) {
  const segments = named(known, ({ source }) => [source.segment_id, source.name ?? "One segment"], filter.segmentId, "One segment");
  const uploads = named(known, ({ source }) => [source.upload_id, source.name ?? "One upload"], filter.uploadId, "One upload");
  const destinations = named(known, ({ destination, destination_title }) => [destination, destination_title], filter.destination, filter.destination);
  const source = filter.segmentId !== "" ? `segment ${filter.segmentId}` : filter.uploadId !== "" ? `upload ${filter.uploadId}` : "";
  const choose = (value: string) => {
    const [kind, id = ""] = value.split(" ");
    onChange({ ...filter, segmentId: kind === "segment" ? id : "", uploadId: kind === "upload" ? id : "" });
  };
  const group = (kind: string, names: ReadonlyMap<string, string>) => [...names].map(([id, label]) => ({ value: `${kind} ${id}`, label }));
  return (
    <Group gap="xs" mb="sm" role="search" aria-label="Narrow the exports">
      <NativeSelect
        aria-label="Status"
        data={[{ value: "", label: "Any status" }, ...STATUSES.map((status) => ({ value: status, label: statusLabel(status) }))]}
        value={filter.status}
        onChange={(event) => onChange({ ...filter, status: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Source"
        maw={280}
        data={[
          { value: "", label: "Any segment or upload" },
          { group: "Segments", items: group("segment", segments) },
          { group: "Uploads", items: group("upload", uploads) },
        ].filter((each) => !("items" in each) || (each.items?.length ?? 0) > 0)}
        value={source}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <NativeSelect
        aria-label="Destination"
        maw={220}
        data={[{ value: "", label: "Any destination" }, ...[...destinations].map(([value, label]) => ({ value, label }))]}
        value={filter.destination}
        onChange={(event) => onChange({ ...filter, destination: event.currentTarget.value })}
      />
      {filter.scheduleId !== "" && (
        <Button variant="light" rightSection={<X size={14} aria-hidden />} onClick={() => onChange({ ...filter, scheduleId: "" })} aria-label="Of one schedule: show all">
          Of one schedule
        </Button>
      )}
      {Object.values(filter).some((value) => value !== "") && (
        <Button variant="subtle" color="gray" onClick={() => onChange({ status: "", segmentId: "", uploadId: "", scheduleId: "", destination: "" })}>
          Clear
        </Button>
      )}
    </Group>
  );
}

/** Names by id, also of the chosen one that no listed export has. */
function named(known: readonly Export[], read: (one: Export) => [id: string | null, name: string], chosen: string, unknown: string): Map<string, string> {
  const found = new Map(known.map(read).flatMap(([id, name]) => (id === null ? [] : [[id, name] as const])));
  if (chosen !== "" && !found.has(chosen)) found.set(chosen, unknown);
  return found;
}
