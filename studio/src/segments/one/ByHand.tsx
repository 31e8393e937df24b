// Who is in or out whatever the conditions say, with a way to add to it and to take back.
import { ActionIcon, Badge, Button, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Undo2, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { tell, tellError } from "../../kit/toast";
import { changeMembers } from "../actions";
import type { ListedEntry, Segment } from "../model";
import { manualQuery, PAGE_ENTRIES } from "../queries";
import { useRights } from "../rights";
import classes from "../segments.module.css";
import { entryWords } from "../words";
import { AddByHand } from "./AddByHand";

export function ByHand({ segment }: { segment: Segment }) {
  const { mayWrite } = useRights();
  const navigate = useNavigate();
  const { page = "1" } = useSearch({ strict: false });
  const offset = Math.max(0, (Number(page) || 1) - 1) * PAGE_ENTRIES;
  const { data, error, refetch } = useQuery(manualQuery(segment.id, offset));
  const names = new Map(segment.uploads.map(({ upload_id, upload_name }) => [upload_id, upload_name]));
  const go = (to: number) => void navigate({ to: ".", search: (before: Record<string, string | undefined>) => ({ ...before, page: to <= 1 ? undefined : String(to) }), resetScroll: false });
  const now = offset / PAGE_ENTRIES + 1;
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed" maw={760}>
        These are in or out whatever the conditions say; leaving out wins. Named by e-mail, telephone or name they are found in later rows too, also when the next list brings them back.
        {segment.kind === "snapshot" && " A snapshot takes them over at its next refresh."}
      </Text>
      {mayWrite && <AddByHand segment={segment} />}
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={140} />}
      {data !== undefined && (
        <section aria-label="Entries made by hand">
          <Title order={2} mb="xs">
            {data.total === 0 ? "Nobody yet" : `${plural(data.included, "entry", "entries")} added, ${count(data.excluded)} left out`}
          </Title>
          {data.entries.length > 0 && (
            <div className={classes.scroll} role="region" aria-label="Who is added and left out" tabIndex={0}>
              <Table className={classes.table ?? ""} miw={320}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Who</Table.Th>
                    <Table.Th w={130}>Is</Table.Th>
                    <Table.Th w={60} aria-label="Take back" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {data.entries.map((entry) => (
                    <EntryRow key={JSON.stringify(entry)} segment={segment} entry={entry} words={entryWords(entry, names)} mayWrite={mayWrite} />
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )}
          {data.total > PAGE_ENTRIES && (
            <Group mt="xs" gap="xs">
              <Button size="xs" variant="default" disabled={now <= 1} onClick={() => go(now - 1)}>
                Before
              </Button>
              <Text size="sm" c="dimmed">
                {count(offset + 1)} to {count(offset + data.entries.length)} of {count(data.total)}
              </Text>
              <Button size="xs" variant="default" disabled={offset + PAGE_ENTRIES >= data.total} onClick={() => go(now + 1)}>
                Next
              </Button>
            </Group>
          )}
        </section>
      )}
    </Stack>
  );
}

function EntryRow({ segment, entry, words, mayWrite }: { segment: Segment; entry: ListedEntry; words: string; mayWrite: boolean }) {
  const [isBusy, setBusy] = useState(false);
  const isAdded = entry.list === "include";
  const Icon = isAdded ? UserPlus : UserMinus;
  const forget = async () => {
    setBusy(true);
    const { list: _list, ...named } = entry;
    try {
      await changeMembers(segment.id, { forget: [named] });
      tell(`${words}: the conditions decide again`);
    } catch (error) {
      tellError(`${words} stays as it is`, error);
      setBusy(false);
    }
  };
  return (
    <Table.Tr>
      <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
        {words}
      </Table.Th>
      <Table.Td>
        <Badge leftSection={<Icon size={12} aria-hidden />} styles={{ root: { background: `var(--${isAdded ? "good" : "warn"}-fill)`, color: `var(--${isAdded ? "good" : "warn"}-text)` } }}>
          {isAdded ? "added" : "left out"}
        </Badge>
      </Table.Td>
      <Table.Td>
        {mayWrite && (
          <ActionIcon variant="subtle" color="gray" loading={isBusy} aria-label={`Take ${words} from the list`} title="Take from the list" onClick={() => void forget()}>
            <Undo2 size={16} aria-hidden />
          </ActionIcon>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
