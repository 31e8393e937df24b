// The members, a page at a time: of now, of an older version, or those who joined or left.
import { Group, Pagination, Skeleton, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { count } from "../../kit/format";
import { ColumnsMenu } from "../../kit/ColumnsMenu";
import { LinkButton } from "../../kit/links";
import type { Segment } from "../model";
import { membersQuery } from "../queries";
import { members as membersWords } from "../words";
import { MembersTable } from "./MembersTable";
import { MemberPanel } from "./MemberPanel";
import { type MembersAddress, useMembersAddress } from "./membersAddress";
import { WhichMembers } from "./WhichMembers";

const PAGE_ROWS = 50;
const FIRST_COLUMNS = 10; // more are a choice away

export function Members({ segment }: { segment: Segment }) {
  const [address, change] = useMembersAddress();
  const { version, part, since, page, member } = address;
  const which = { version, part, since };
  const isCounted = segment.version !== null;
  const head = useQuery({ ...membersQuery(segment.id, segment.version, { ...which, columns: null, offset: 0, limit: 1 }), enabled: isCounted });
  const all = head.data?.columns.map(({ name }) => name) ?? [];
  const shown = shownOf(all, address.columns);
  const rows = useQuery({
    ...membersQuery(segment.id, segment.version, { ...which, columns: shown, offset: (page - 1) * PAGE_ROWS, limit: PAGE_ROWS }),
    enabled: head.data !== undefined && shown.length > 0,
    placeholderData: keepPreviousData,
  });
  const error = head.error ?? rows.error;
  const found = rows.data;
  const pages = Math.max(1, Math.ceil((found?.total ?? 0) / PAGE_ROWS));
  if (!isCounted) return <Text c="dimmed">There are members as soon as it is counted.</Text>;
  return (
    <>
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="sm" c="dimmed" role="status" data-testid="members-count">
          {found === undefined ? "" : countWords(segment, address, found.total, found.offset, found.rows.length)}
        </Text>
        {all.length > 0 && <ColumnsMenu all={all} shown={shown} onChange={(columns) => change({ columns })} />}
      </Group>
      <WhichMembers segment={segment} address={address} onChange={change} />
      {error !== null && <ErrorNote error={error} onRetry={() => void (head.error === null ? rows.refetch() : head.refetch())} />}
      {found === undefined && error === null && <Skeleton height={320} />}
      {found !== undefined && found.total === 0 && <Nobody segment={segment} part={part} />}
      {found !== undefined && found.total > 0 && (
        <>
          <MembersTable found={found} segment={segment} isOld={rows.isPlaceholderData} onOpen={(at) => change({ member: found.offset + at + 1 })} />
          {(pages > 1 || page > 1) && (
            <Group justify="center" mt="sm">
              <Pagination
                total={pages}
                value={page}
                onChange={(next) => change({ page: next, member: null })}
                size="sm"
                siblings={1}
                getItemProps={(at) => ({ "aria-label": `Page ${at}` })}
                getControlProps={(control) => ({ "aria-label": control === "next" ? "Next page" : "Page before" })}
              />
            </Group>
          )}
        </>
      )}
      {member !== null && <MemberPanel segment={segment} address={address} at={member - 1} onClose={() => change({ member: null })} />}
    </>
  );
}

function shownOf(all: readonly string[], chosen: readonly string[] | null): readonly string[] {
  const left = chosen?.filter((name) => all.includes(name)) ?? [];
  return left.length > 0 ? left : all.slice(0, FIRST_COLUMNS);
}

function countWords(segment: Segment, { part }: MembersAddress, total: number, offset: number, shown: number): string {
  const words = `${membersWords(total, segment)}${part === "all" ? "" : part === "joined" ? " who joined" : " who left"}`;
  return shown < total && shown > 0 ? `${count(offset + 1)} to ${count(offset + shown)} of ${words}` : words;
}

function Nobody({ segment, part }: { segment: Segment; part: MembersAddress["part"] }) {
  if (part !== "all") return <EmptyState title={part === "joined" ? "Nobody joined" : "Nobody left"} text="The two versions have the same members in this direction." />;
  return (
    <EmptyState title="Nobody is in it" text="No row matches the conditions now. Loosen them, or ask why somebody you expected is not in.">
      <LinkButton to="/segments/$segmentId/edit" params={{ segmentId: segment.id }}>
        Change the conditions
      </LinkButton>
    </EmptyState>
  );
}
