// What can be done with one upload.
import { ActionIcon, Menu } from "@mantine/core";
import { Ban, Download, EllipsisVertical, Link2, Pencil, RefreshCw, Table2, Trash2, WandSparkles } from "lucide-react";
import { LinkItem } from "../kit/links";
import { rejectsAddress } from "./actions";
import { hasTable, isMoving, type UploadView } from "./list";

export type RowAction = "rename" | "share" | "cancel" | "reprocess" | "delete";

interface RowMenuProps {
  upload: UploadView;
  onAction: (action: RowAction, upload: UploadView) => void;
}

export function RowMenu({ upload, onAction }: RowMenuProps) {
  const isWhole = upload.status !== "receiving" && upload.status !== "deleting";
  const isAtRest = isWhole && !isMoving(upload) && upload.status_reason !== "awaiting_mapping";
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`More about ${upload.upload_name}`} disabled={upload.status === "deleting"}>
          <EllipsisVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {hasTable(upload) && (
          <LinkItem to="/uploads/$uploadId" params={{ uploadId: upload.upload_id }} leftSection={<Table2 size={16} aria-hidden />}>
            Open the table
          </LinkItem>
        )}
        {isWhole && upload.source === "file" && (
          <LinkItem to="/uploads/$uploadId/import" params={{ uploadId: upload.upload_id }} leftSection={<WandSparkles size={16} aria-hidden />}>
            {hasTable(upload) ? "Open the import" : "Continue import"}
          </LinkItem>
        )}
        <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={() => onAction("rename", upload)}>
          Rename
        </Menu.Item>
        {upload.rows_rejected > 0 && (
          <Menu.Item component="a" href={rejectsAddress(upload.upload_id)} download leftSection={<Download size={16} aria-hidden />}>
            Download bad rows
          </Menu.Item>
        )}
        {isWhole && (
          <Menu.Item leftSection={<Link2 size={16} aria-hidden />} onClick={() => onAction("share", upload)}>
            Share a read-only link
          </Menu.Item>
        )}
        {isMoving(upload) && (
          <Menu.Item leftSection={<Ban size={16} aria-hidden />} onClick={() => onAction("cancel", upload)}>
            Cancel the work
          </Menu.Item>
        )}
        {isAtRest && (
          <Menu.Item leftSection={<RefreshCw size={16} aria-hidden />} onClick={() => onAction("reprocess", upload)}>
            Process again
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item c="var(--bad-text)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => onAction("delete", upload)}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
