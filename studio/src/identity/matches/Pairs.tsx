// Pairs to go through, the least certain first: what speaks for each, and one key to settle it.
import { Button, Group, Kbd, NativeSelect, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import classes from "../identity.module.css";
import type { Match } from "../model";
import { PairCard } from "./PairCard";
import { bandsOf, chosen, keyOf, pairTexts, type PairWish, pairWishOf, SETTLED } from "./pairView";
import { usePairs } from "./usePairs";

const FILL_UP_TO = 10;
/** Pages looked through by itself for a few pairs that fit; then it waits to be asked. */
const MOST_PAGES_UNASKED = 10;

interface PairsProps {
  match: Match;
  names: ReadonlyMap<string, string>;
}

export function Pairs({ match, names }: PairsProps) {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const wish = pairWishOf(search);
  const bands = bandsOf(match.threshold);
  const band = bands.find(({ value }) => value === wish.band)?.band ?? [0, 1];
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, touched, decide } = usePairs(match.id, band);
  const list = useRef<HTMLUListElement>(null);
  const change = (part: Partial<PairWish>) => void navigate({ to: ".", search: (now: Record<string, string | undefined>) => ({ ...now, ...pairTexts({ ...wish, ...part }) }), replace: true, resetScroll: false });

  const looked = data?.pages.flatMap((page) => page.pairs) ?? [];
  const pairs = chosen(looked, wish.settled, touched);
  const total = data?.pages[0]?.total ?? 0;
  const isShort = wish.settled !== "all" && pairs.length < FILL_UP_TO && (data?.pages.length ?? 0) < MOST_PAGES_UNASKED;
  useEffect(() => {
    if (isShort && hasNextPage && !isFetchingNextPage && error === null) void fetchNextPage();
  }, [isShort, hasNextPage, isFetchingNextPage, fetchNextPage, error]);

  const focusAt = (at: number) => list.current?.querySelectorAll<HTMLElement>(":scope > li")[at]?.focus();
  return (
    <section aria-label="Pairs">
      <Title order={2} mb={4}>
        Pairs
      </Title>
      <Text size="sm" c="dimmed" mb="sm" maw={820}>
        Settle the doubtful ones: what you say is the last word, whatever the probability. You may change your mind later, though not back to undecided. With a pair in focus press <Kbd>S</Kbd> for the same person, <Kbd>D</Kbd> for different people, <Kbd>U</Kbd> to leave it
        undecided and go on; <Kbd>↑</Kbd> and <Kbd>↓</Kbd> move.
      </Text>
      <Group gap="xs" mb="sm" role="search" aria-label="Narrow the pairs">
        <NativeSelect aria-label="Probability" data={bands.map(({ value, label }) => ({ value, label }))} value={wish.band} onChange={(event) => change({ band: bands.find(({ value }) => value === event.currentTarget.value)?.value ?? "doubtful" })} />
        <NativeSelect aria-label="Settled" data={[...SETTLED]} value={wish.settled} onChange={(event) => change({ settled: SETTLED.find(({ value }) => value === event.currentTarget.value)?.value ?? "all" })} />
      </Group>
      {isPending && (
        <Stack gap="sm" aria-busy role="status" aria-label="Loading the pairs">
          {Array.from({ length: 3 }, (_, at) => (
            <Skeleton key={at} height={150} />
          ))}
        </Stack>
      )}
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && pairs.length === 0 && !isFetchingNextPage && (
        <EmptyState title="No such pair" text={looked.length < total ? `None of the ${count(looked.length)} pairs looked through so far.` : "No pair has this probability and state."}>
          <Button variant="default" onClick={() => change({ band: "all", settled: "all" })}>
            Show all pairs
          </Button>
        </EmptyState>
      )}
      <ul ref={list} className={classes.plainList} aria-label="Pairs, the least certain first">
        {pairs.map((pair, at) => (
          <PairCard
            key={keyOf(pair)}
            pair={pair}
            columns={data?.pages[0]?.columns.map(({ name }) => name) ?? []}
            threshold={match.threshold}
            names={names}
            onDecide={(same) => decide(pair, same)}
            onMove={(by) => focusAt(Math.max(0, Math.min(at + by, pairs.length - 1)))}
          />
        ))}
      </ul>
      {data !== undefined && (
        <Group justify="space-between" mt="sm">
          <Text size="sm" c="dimmed" role="status">
            {isFetchingNextPage ? "Looking further…" : wish.settled === "all" ? `${count(pairs.length)} of ${plural(total, "pair")}` : `${plural(pairs.length, "pair")} among the ${count(looked.length)} of ${count(total)} looked through`}
          </Text>
          {hasNextPage && (
            <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {wish.settled === "all" ? "Show more" : "Look through more"}
            </Button>
          )}
        </Group>
      )}
    </section>
  );
}
