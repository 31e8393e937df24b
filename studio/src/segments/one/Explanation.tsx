// The answer to why: a sentence, each condition with the value it looked at, and the rows of the same person.
import { Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor } from "../../kit/links";
import type { Explained, Segment, WhyNode } from "../model";
import { explainQuery } from "../queries";
import { rowWords } from "../words";
import own from "./one.module.css";

interface ExplanationProps {
  segment: Segment;
  uploadId: string;
  /** `_row_id`, from 0. */
  row: number;
}

export function Explanation({ segment, uploadId, row }: ExplanationProps) {
  const { data, error, refetch } = useQuery(explainQuery(segment.id, uploadId, row));
  const names = new Map(segment.uploads.map(({ upload_id, upload_name }) => [upload_id, upload_name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height={160} />;
  const Icon = data.is_member ? CircleCheck : CircleX;
  const tree = data.tree as unknown as WhyNode | null;
  return (
    <section aria-label="Why">
      <Stack gap="md">
        <div className={own.verdict} role="status">
          <Icon size={22} color={data.is_member ? "var(--good-text)" : "var(--bad-text)"} aria-hidden />
          <div style={{ minWidth: 0 }}>
            <Title order={2}>
              {rowWords(nameOf(uploadId), row)}: {data.is_member ? "in" : "not in"}
            </Title>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {data.sentence}
            </Text>
            <Group gap="md" mt={4}>
              <LinkAnchor size="sm" underline="always" to="/uploads/$uploadId" params={{ uploadId }} search={{ row_id: String(row), panel: "row" }}>
                See the row in its table
              </LinkAnchor>
              {(data.because === "included" || data.because === "excluded") && (
                <LinkAnchor size="sm" underline="always" to="/segments/$segmentId/$side" params={{ segmentId: segment.id, side: "by-hand" }}>
                  See the entries made by hand
                </LinkAnchor>
              )}
            </Group>
          </div>
        </div>
        {data.group !== null && <SamePerson segment={segment} rows={data.group} nameOf={nameOf} asked={{ uploadId, row }} />}
        {tree !== null && (
          <section aria-label="Condition by condition">
            <Title order={3} mb="xs">
              {data.because === "duplicate" ? "Condition by condition, for the row that stands for this person" : "Condition by condition"}
            </Title>
            <ul className={own.tree}>
              <Node node={tree} nameOf={nameOf} />
            </ul>
          </section>
        )}
      </Stack>
    </section>
  );
}

function Node({ node, nameOf }: { node: WhyNode; nameOf: (id: string) => string }) {
  const parts = node.parts ?? [];
  const Icon = node.holds ? CircleCheck : CircleX;
  return (
    <li>
      <div className={own.why}>
        <Icon size={16} color={node.holds ? "var(--good-text)" : "var(--bad-text)"} aria-label={node.holds ? "holds:" : "does not hold:"} />
        <div style={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <Text size="sm" span>
            {node.describe}
          </Text>
          {node.field !== undefined && (
            <Text size="xs" c="dimmed">
              {node.value === null || node.value === undefined ? `${node.field} is empty here` : `here: ${node.value}`}
              {node.from !== null && node.from !== undefined && `, from ${rowWords(nameOf(node.from._upload_id), node.from._row_id)}`}
            </Text>
          )}
        </div>
      </div>
      {parts.length > 0 && (
        <ul className={own.tree}>
          {parts.map((part) => (
            <Node key={part.pointer} node={part} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface SamePersonProps {
  segment: Segment;
  rows: NonNullable<Explained["group"]>;
  nameOf: (id: string) => string;
  asked: { uploadId: string; row: number };
}

/** The row that stands for them comes first. */
function SamePerson({ segment, rows, nameOf, asked }: SamePersonProps) {
  return (
    <section aria-label="Rows of the same person">
      <Title order={3} mb={4}>
        Rows of the same person
      </Title>
      <Group component="ul" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {rows.map(({ _upload_id, _row_id }, at) => {
          const words = `${rowWords(nameOf(_upload_id), _row_id)}${at === 0 ? " (stands for them)" : ""}`;
          const isAsked = _upload_id === asked.uploadId && _row_id === asked.row;
          return (
            <li key={`${_upload_id}:${_row_id}`}>
              {isAsked ? (
                <Text size="sm" span fw={600}>
                  {words}
                </Text>
              ) : (
                <LinkAnchor size="sm" underline="always" to="/segments/$segmentId/$side" params={{ segmentId: segment.id, side: "why" }} search={{ upload: _upload_id, row: String(_row_id + 1) }}>
                  {words}
                </LinkAnchor>
              )}
            </li>
          );
        })}
      </Group>
    </section>
  );
}
