// Probable matches, the newest first: what was compared, how far each is, what came of it.
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { GitMerge, Plus } from "lucide-react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { IdentityTabs } from "../IdentityTabs";
import { matchesQuery } from "../queries";
import { MatchList } from "./MatchList";

export function MatchesPage() {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(matchesQuery);
  const matches = data?.pages.flatMap((page) => page.matches) ?? [];
  const total = data?.pages[0]?.total ?? 0;
  return (
    <Page
      title="Probable matches"
      actions={
        matches.length > 0 && (
          <LinkButton to="/identity/matches/new" leftSection={<Plus size={16} aria-hidden />}>
            New match
          </LinkButton>
        )
      }
    >
      <IdentityTabs />
      {isPending && <Waiting />}
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && matches.length === 0 && (
        <EmptyState
          icon={<GitMerge size={32} color="var(--muted)" aria-hidden />}
          title="Find people spelled differently"
          text="“Jon Smith, Acme” and “Jonathan Smith, ACME Inc.” have nothing exactly in common. A probable match learns from your own rows how much each agreement tells, and shows every pair with its evidence."
        >
          <LinkButton to="/identity/matches/new">New match</LinkButton>
        </EmptyState>
      )}
      {matches.length > 0 && (
        <>
          <MatchList matches={matches} />
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {matches.length < total ? `${matches.length} of ${plural(total, "match", "matches")}` : plural(total, "match", "matches")}
            </Text>
            {hasNextPage && (
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show older
              </Button>
            )}
          </Group>
        </>
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the matches" role="status">
      <Skeleton height={36} />
      {Array.from({ length: 4 }, (_, row) => (
        <Skeleton key={row} height={52} />
      ))}
    </Stack>
  );
}
