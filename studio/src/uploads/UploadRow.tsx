// One upload as a row of the table.
import { Checkbox, Table, Text } from "@mantine/core";
import { bytes } from "../kit/format";
import { When } from "../kit/When";
import { BadRows } from "./BadRows";
import type { UploadView } from "./list";
import { NameLink } from "./NameLink";
import { type RowAction, RowMenu } from "./RowMenu";
import { State } from "./State";
import styles from "./uploads.module.css";
import { rowsInWords, sourceLabel } from "./words";

export interface UploadItemProps {
  upload: UploadView;
  isSelected: boolean;
  onSelect: () => void;
  onAction: (action: RowAction, upload: UploadView) => void;
}

export function UploadRow({ upload, isSelected, onSelect, onAction }: UploadItemProps) {
  return (
    <Table.Tr data-selected={isSelected || undefined} className={styles.row ?? ""}>
      <Table.Td>
        <Checkbox aria-label={`Select ${upload.upload_name}`} checked={isSelected} onChange={onSelect} />
      </Table.Td>
      <Table.Td>
        <NameLink upload={upload} />
      </Table.Td>
      <Table.Td>
        <State upload={upload} />
      </Table.Td>
      <Table.Td ta="right">{rowsInWords(upload)}</Table.Td>
      <Table.Td ta="right">
        <BadRows upload={upload} />
      </Table.Td>
      <Table.Td ta="right" className={styles.minor ?? ""}>
        {bytes(upload.size_bytes)}
      </Table.Td>
      <Table.Td className={styles.minor ?? ""}>{sourceLabel(upload.source)}</Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed" className="truncate">
          <When at={upload.created_at} />
        </Text>
      </Table.Td>
      <Table.Td>
        <RowMenu upload={upload} onAction={onAction} />
      </Table.Td>
    </Table.Tr>
  );
}
