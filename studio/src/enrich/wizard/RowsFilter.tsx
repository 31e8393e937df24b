// In which rows: all, or those that match. The filter stands in the address.
import { Group, Text, Title } from "@mantine/core";
import { AddFilter } from "../../filter/AddFilter";
import { FilterChips } from "../../filter/FilterChips";
import { ErrorNote } from "../../kit/ErrorNote";
import { count } from "../../kit/format";
import type { Planning } from "./planning";

export function RowsFilter({ planning }: { planning: Planning }) {
  const { address, columns, rows, mistakes } = planning;
  const { filters, filterError, setFilters } = address;
  const typeOf = (field: string) => columns.find(({ name }) => name === field)?.type ?? "text";
  const mistake = [...mistakes].find(([pointer]) => pointer.startsWith("/filter"))?.[1];
  return (
    <section aria-label="In which rows">
      <Title order={2} mb="sm">
        In which rows
      </Title>
      {filterError !== null && <ErrorNote error={filterError} onRetry={() => setFilters([])} />}
      <Group gap="xs">
        <AddFilter columns={columns} onAdd={(condition) => setFilters([...filters, condition])} />
        <FilterChips filters={filters} typeOf={typeOf} onChange={setFilters} />
        <Text size="sm" c="dimmed">
          {filters.length === 0 ? `All ${count(rows)} rows.` : "Only rows that match."}
        </Text>
      </Group>
      {mistake !== undefined && (
        <Text size="sm" c="var(--bad-text)" role="alert" mt="xs">
          {mistake}
        </Text>
      )}
    </section>
  );
}
