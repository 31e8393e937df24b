// What can be done with one segment.
import { ActionIcon, Menu } from "@mantine/core";
import { Camera, EllipsisVertical, Pencil, Radio, RefreshCw, Send, SlidersHorizontal, Trash2, Users } from "lucide-react";
import { LinkItem } from "../kit/links";
import type { Segment } from "./model";
import { useRights } from "./rights";

export type SegmentAction = "labels" | "kind" | "refresh" | "delete";

interface SegmentMenuProps {
  segment: Segment;
  onAction: (action: SegmentAction, segment: Segment) => void;
  /** On the page of the segment itself. */
  isOpen?: boolean;
}

export function SegmentMenu({ segment, onAction, isOpen = false }: SegmentMenuProps) {
  const { mayWrite, mayExport } = useRights();
  const params = { segmentId: segment.id };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant={isOpen ? "default" : "subtle"} color="gray" size={isOpen ? 36 : "md"} aria-label={`More about ${segment.name}`}>
          <EllipsisVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isOpen && (
          <LinkItem to="/segments/$segmentId" params={params} leftSection={<Users size={16} aria-hidden />}>
            Open
          </LinkItem>
        )}
        {mayWrite && (
          <>
            <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={() => onAction("labels", segment)}>
              Name, description, tags
            </Menu.Item>
            <Menu.Item leftSection={segment.kind === "live" ? <Camera size={16} aria-hidden /> : <Radio size={16} aria-hidden />} disabled={segment.status === "computing"} onClick={() => onAction("kind", segment)}>
              {segment.kind === "live" ? "Keep it as a snapshot" : "Let it follow its tables"}
            </Menu.Item>
            {!isOpen && (
              <LinkItem to="/segments/$segmentId/edit" params={params} leftSection={<SlidersHorizontal size={16} aria-hidden />}>
                Change the conditions
              </LinkItem>
            )}
            <Menu.Item leftSection={<RefreshCw size={16} aria-hidden />} disabled={segment.status === "computing"} onClick={() => onAction("refresh", segment)}>
              Refresh
            </Menu.Item>
          </>
        )}
        {mayExport && !isOpen && (
          <LinkItem to={NEW_EXPORT} search={{ segment: segment.id }} leftSection={<Send size={16} aria-hidden />}>
            Export
          </LinkItem>
        )}
        {mayWrite && (
          <>
            <Menu.Divider />
            <Menu.Item c="var(--bad-text)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => onAction("delete", segment)}>
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Pages of another room. */
export const NEW_EXPORT: string = "/exports/new";
export const EXPORTS: string = "/exports";
