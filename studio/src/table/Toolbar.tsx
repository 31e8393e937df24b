// The line above the grid: search, filters, what is shown.
import { Button, Group, SegmentedControl } from "@mantine/core";
import type { Ref } from "react";
import { AddFilter } from "../filter/AddFilter";
import { FilterChips } from "../filter/FilterChips";
import type { Filter } from "../filter/ast";
import type { Column } from "../grid/model";
import { count } from "../kit/format";
import { ColumnsMenu } from "../kit/ColumnsMenu";
import { GoToRow } from "./GoToRow";
import { SearchBox } from "./SearchBox";
import type { TableAddress, View } from "./tableState";

interface ToolbarProps extends TableAddress {
  columns: readonly Column[];
  shown: readonly string[];
  total: number | null;
  issues: number | null;
  typeOf: (field: string) => string;
  searchInput: Ref<HTMLInputElement>;
  rowInput: Ref<HTMLInputElement>;
  onSearch: (text: string) => void;
  onGo: (row: number) => void;
  onClear: () => void;
}

export function Toolbar({ state, change, columns, shown, total, issues, typeOf, searchInput, rowInput, onSearch, onGo, onClear }: ToolbarProps) {
  const { filters, search, view } = state;
  const isNarrowed = filters.length > 0 || search !== "" || view === "issues";
  return (
    <>
      <Group gap="xs" mb="xs" style={{ flexShrink: 0 }}>
        <SearchBox value={search} onChange={onSearch} input={searchInput} />
        <AddFilter columns={columns} onAdd={(condition) => change({ filters: [...filters, condition], row: null })} />
        <Group gap="xs" ml="auto">
          <SegmentedControl
            size="xs"
            aria-label="Which rows"
            value={view}
            onChange={(value) => change({ view: value as View, row: null })}
            data={[
              { value: "all", label: "All rows" },
              { value: "issues", label: issues === null ? "With issues" : `With issues (${count(issues)})` },
            ]}
          />
          <ColumnsMenu all={columns.map((column) => column.name)} shown={shown} onChange={(names) => change({ columns: names })} />
          <GoToRow total={total} onGo={onGo} input={rowInput} />
        </Group>
      </Group>
      {isNarrowed && (
        <Group gap="xs" mb="xs" style={{ flexShrink: 0 }} role="group" aria-label="Filters that hold">
          <FilterChips filters={[...filters]} typeOf={typeOf} onChange={(next: Filter[]) => change({ filters: next, row: null })} />
          <Button size="compact-sm" variant="subtle" onClick={onClear}>
            Clear filters
          </Button>
        </Group>
      )}
    </>
  );
}
