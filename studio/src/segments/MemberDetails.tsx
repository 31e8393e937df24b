// All of one member: every value, and which of them come from another row of the same person.
import { Badge, Group, Stack, Text } from "@mantine/core";
import { Merge } from "lucide-react";
import type { ReactNode } from "react";
import { count } from "../kit/format";
import { LinkAnchor } from "../kit/links";
import { SidePanel } from "../kit/SidePanel";
import type { MemberColumn, MemberRow } from "./model";

interface MemberDetailsProps {
  row: MemberRow;
  columns: readonly MemberColumn[];
  uploadName: string;
  /** What can be done with the member. */
  children?: ReactNode;
  onClose: () => void;
}

export function MemberDetails({ row, columns, uploadName, children, onClose }: MemberDetailsProps) {
  const merged = new Set(row._merged ?? []);
  return (
    <SidePanel title={`Row ${count(row._row_id + 1)} of ${uploadName}`} onClose={onClose}>
      <Stack gap="md">
        <Group gap="sm" justify="space-between">
          <LinkAnchor to="/uploads/$uploadId" params={{ uploadId: row._upload_id }} search={{ row_id: String(row._row_id), panel: "row" }} size="sm" underline="always">
            Show it in its table
          </LinkAnchor>
        </Group>
        {children}
        <Stack component="dl" gap="sm" m={0}>
          {columns.map(({ name }, at) => {
            const value = row.values[at] ?? null;
            return (
              <div key={name}>
                <Text component="dt" size="xs" c="dimmed">
                  {name}
                  {merged.has(name) && (
                    <Badge ml={6} size="xs" variant="default" color="gray" leftSection={<Merge size={10} aria-hidden />}>
                      from another row
                    </Badge>
                  )}
                </Text>
                <Text component="dd" m={0} size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }} {...(value === null ? { c: "dimmed" } : {})}>
                  {value ?? "empty"}
                </Text>
              </div>
            );
          })}
        </Stack>
      </Stack>
    </SidePanel>
  );
}
