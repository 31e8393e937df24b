// What was found: the numbers, and the groups a page at a time, the largest first.
import { Button, Group, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CircleCheck } from "lucide-react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { type Change, isComplete, type Wish, withPolicy } from "../address";
import classes from "../identity.module.css";
import { duplicatesQuery, PAGE_GROUPS } from "../queries";
import { useUploadNames } from "../useUploadNames";
import { GroupCard } from "./GroupCard";
import { Numbers } from "./Numbers";

interface FoundProps {
  wish: Wish;
  onChange: (change: Change) => void;
}

export function Found({ wish, onChange }: FoundProps) {
  const { uploads, dedupe, page, isWhole } = wish;
  const isAsked = isComplete(wish);
  const { data, error, isPending, isFetching, isPlaceholderData, refetch } = useQuery({ ...duplicatesQuery(uploads, dedupe, page), enabled: isAsked });
  const names = useUploadNames(uploads);
  if (!isAsked) return null;
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting />;
  const pages = Math.max(1, Math.ceil(data.groups / PAGE_GROUPS));
  const first = data.offset + 1;
  const last = data.offset + data.items.length;
  return (
    <div aria-busy={isPlaceholderData} className={isPlaceholderData ? classes.stale : ""}>
      <Stack gap="md">
        <Numbers uploads={uploads} by={dedupe.by} found={data} />
        {data.groups === 0 ? (
          <EmptyState icon={<CircleCheck size={32} color="var(--good-text)" aria-hidden />} title="Nobody is there twice" text={`None of the ${plural(data.rows, "row")} is the same person as another, by what you chose above.`} />
        ) : (
          <>
            <Group justify="space-between">
              <Text size="sm" role="status">
                {isFetching && isPlaceholderData ? "Looking…" : data.items.length === 0 ? `There are only ${count(pages)} pages` : `Groups ${count(first)} to ${count(last)} of ${count(data.groups)}, the largest first`}
              </Text>
              <Switch label="Show fields that agree, too" checked={isWhole} onChange={(event) => onChange({ isWhole: event.currentTarget.checked })} />
            </Group>
            <Stack component="ul" gap="md" m={0} p={0} style={{ listStyle: "none" }} aria-label="Groups">
              {data.items.map((group) => (
                <GroupCard
                  key={`${group.identity}:${group.rows[0]?._upload_id}:${group.rows[0]?._row_id}`}
                  {...{ group, names, isWhole }}
                  columns={data.columns.map(({ name }) => name)}
                  identity={Array.isArray(data.dedupe["columns"]) ? (data.dedupe["columns"] as string[]) : []}
                  fields={dedupe.fields ?? {}}
                  onPolicy={(name, policy) => onChange({ fields: withPolicy(dedupe.fields ?? {}, name, policy), page })}
                />
              ))}
            </Stack>
            {(pages > 1 || page > 1) && (
              <Group component="nav" justify="center" aria-label="Pages of groups">
                <Button variant="default" leftSection={<ChevronLeft size={16} aria-hidden />} disabled={page <= 1} onClick={() => onChange({ page: Math.min(page - 1, pages) })}>
                  Before
                </Button>
                <Text size="sm">
                  Page {count(page)} of {count(pages)}
                </Text>
                <Button variant="default" rightSection={<ChevronRight size={16} aria-hidden />} disabled={page >= pages} onClick={() => onChange({ page: page + 1 })}>
                  Next
                </Button>
              </Group>
            )}
          </>
        )}
      </Stack>
    </div>
  );
}

function Waiting() {
  return (
    <Stack gap="md" aria-busy aria-label="Looking for duplicates" role="status">
      <Skeleton height={64} />
      {Array.from({ length: 3 }, (_, at) => (
        <Skeleton key={at} height={180} />
      ))}
    </Stack>
  );
}
