// The list as a table, sorted by its headers.
import { Checkbox, Table, UnstyledButton } from "@mantine/core";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import { type Column, COLUMNS } from "./columns";
import type { UploadView } from "./list";
import type { RowAction } from "./RowMenu";
import { UploadRow } from "./UploadRow";
import styles from "./uploads.module.css";

export interface UploadsViewProps {
  uploads: readonly UploadView[];
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
  onAction: (action: RowAction, upload: UploadView) => void;
}

interface UploadsTableProps extends UploadsViewProps {
  sort: string;
  onSort: (sort: string) => void;
}

export function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}

export function UploadsTable({ uploads, selected, onSelect, onAction, sort, onSort }: UploadsTableProps) {
  const isAll = uploads.length > 0 && uploads.every(({ upload_id: id }) => selected.has(id));
  return (
    <Table layout="fixed" highlightOnHover className={styles.table ?? ""} aria-label="Uploads">
      <Table.Thead>
        <Table.Tr>
          <Table.Th className={styles.check ?? ""}>
            <Checkbox
              aria-label="Select all uploads shown"
              checked={isAll}
              indeterminate={!isAll && selected.size > 0}
              onChange={() => onSelect(new Set(isAll ? [] : uploads.map((one) => one.upload_id)))}
            />
          </Table.Th>
          {COLUMNS.map((column) => (
            <SortHeader key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
          <Table.Th className={styles.menu ?? ""}>
            <span className={styles.hidden}>Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {uploads.map((upload) => (
          <UploadRow
            key={upload.upload_id}
            upload={upload}
            isSelected={selected.has(upload.upload_id)}
            onSelect={() => onSelect(toggled(selected, upload.upload_id))}
            onAction={onAction}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

interface SortHeaderProps {
  column: Column;
  sort: string;
  onSort: (sort: string) => void;
}

function SortHeader({ column: { id, label, sorting, isNumber, isMinor }, sort, onSort }: SortHeaderProps) {
  const place = `${styles[id] ?? ""} ${isMinor === true ? styles.minor : ""}`;
  if (sorting === undefined) return <Table.Th className={`${place} ${styles.plainHead}`}>{label}</Table.Th>;
  const way = sort === sorting.by ? "ascending" : sort === `-${sorting.by}` ? "descending" : undefined;
  const next = way === undefined ? sorting.first : way === "ascending" ? "descending" : "ascending";
  const Icon = way === undefined ? ChevronsUpDown : way === "ascending" ? ArrowUp : ArrowDown;
  return (
    <Table.Th aria-sort={way} className={place}>
      <UnstyledButton
        className={styles.sort ?? ""}
        data-number={isNumber}
        data-sorted={way !== undefined || undefined}
        title={`Sort by ${label.toLowerCase()}: ${sorting[next]}`}
        onClick={() => onSort(next === "ascending" ? sorting.by : `-${sorting.by}`)}
      >
        {label}
        <Icon size={13} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}
