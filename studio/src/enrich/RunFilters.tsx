// Narrows the list of runs by status and by upload; both stand in the address.
import { Button, Group, NativeSelect } from "@mantine/core";
import { statusLabel } from "../kit/StatusBadge";
import type { RunFilter } from "./queries";
import type { Run } from "./model";

const STATUSES = ["queued", "running", "paused", "done", "stopped", "failed", "cancelled", "undone"];

interface RunFiltersProps {
  filter: RunFilter;
  /** Runs that are listed; their uploads are offered. */
  known: readonly Run[];
  onChange: (filter: RunFilter) => void;
}

export function RunFilters({ filter, known, onChange }: RunFiltersProps) {
  const names = new Map(known.map((run) => [run.upload_id, run.upload_name]));
  if (filter.uploadId !== "" && !names.has(filter.uploadId)) names.set(filter.uploadId, "One upload");
  return (
    <Group gap="xs" mb="sm" role="search" aria-label="Narrow the runs">
      <NativeSelect
        aria-label="Status"
        data={[{ value: "", label: "Any status" }, ...STATUSES.map((status) => ({ value: status, label: statusLabel(status) }))]}
        value={filter.status}
        onChange={(event) => onChange({ ...filter, status: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Upload"
        maw={280}
        data={[{ value: "", label: "Any upload" }, ...[...names].map(([value, label]) => ({ value, label }))]}
        value={filter.uploadId}
        onChange={(event) => onChange({ ...filter, uploadId: event.currentTarget.value })}
      />
      {(filter.status !== "" || filter.uploadId !== "") && (
        <Button variant="subtle" color="gray" onClick={() => onChange({ status: "", uploadId: "" })}>
          Clear
        </Button>
      )}
    </Group>
  );
}
