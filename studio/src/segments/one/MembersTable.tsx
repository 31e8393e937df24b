// One page of members; each opens beside.
import { Table, Text, UnstyledButton } from "@mantine/core";
import { Merge } from "lucide-react";
import { count } from "../../kit/format";
import type { Members, Segment } from "../model";
import classes from "../segments.module.css";
import { rowWords } from "../words";
import own from "./one.module.css";

interface MembersTableProps {
  found: Members;
  segment: Segment;
  isOld: boolean;
  /** at: the place on this page, from 0. */
  onOpen: (at: number) => void;
}

export function MembersTable({ found, segment, isOld, onOpen }: MembersTableProps) {
  const names = new Map(segment.uploads.map(({ upload_id, upload_name }) => [upload_id, upload_name]));
  const isSeveral = segment.uploads.length > 1;
  return (
    <div className={`${classes.scroll} ${own.members} ${isOld ? classes.stale : ""}`} role="region" aria-label={`Members of ${segment.name}`} aria-busy={isOld} tabIndex={0}>
      <Table className={classes.table ?? ""} miw={120 + 150 * found.columns.length} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={isSeveral ? 240 : 80}>Row</Table.Th>
            {found.columns.map(({ name }) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.rows.map((row, at) => {
            const merged = new Set(row._merged ?? []);
            const words = rowWords(names.get(row._upload_id) ?? row._upload_id, row._row_id);
            return (
              <Table.Tr key={`${row._upload_id}:${row._row_id}`}>
                <Table.Th scope="row">
                  <UnstyledButton className={own.open ?? ""} title={words} onClick={() => onOpen(at)}>
                    {isSeveral ? (
                      <>
                        <span>{names.get(row._upload_id)}</span>, row {count(row._row_id + 1)}
                      </>
                    ) : (
                      count(row._row_id + 1)
                    )}
                  </UnstyledButton>
                </Table.Th>
                {found.columns.map(({ name }, place) => (
                  <Table.Td key={name} className={own.cell ?? ""}>
                    {row.values[place] ?? (
                      <Text span c="dimmed" fs="italic" inherit>
                        empty
                      </Text>
                    )}
                    {merged.has(name) && <Merge size={12} aria-label="from another row of the same person" className={own.merged} />}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
