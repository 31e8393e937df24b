// One probable match: how it goes, how right it is, and its pairs to be settled by hand.
import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { CircleX, Trash2 } from "lucide-react";
import { useState } from "react";
import { ComingPage } from "../../kit/ComingPage";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { ErrorNote } from "../../kit/ErrorNote";
import { count } from "../../kit/format";
import { LinkAnchor, LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { tell } from "../../kit/toast";
import { When } from "../../kit/When";
import classes from "../identity.module.css";
import type { Match } from "../model";
import { deleteMatch, matchQuery } from "../queries";
import { segmentLink } from "../segmentLink";
import { namesLine, useUploadNames } from "../useUploadNames";
import { KINDS, shareWords } from "../words";
import { draftTexts } from "./draft";
import { MatchState } from "./MatchState";
import { Pairs } from "./Pairs";
import { Quality } from "./Quality";
import { Weights } from "./Weights";

export function MatchPage() {
  const { matchId = "" } = useParams({ strict: false });
  const { data: match, error, refetch } = useQuery(matchQuery(matchId));
  if (match === undefined) {
    return (
      <ComingPage title="Probable match" error={error} onRetry={() => void refetch()}>
        <LinkAnchor to="/identity/matches">All matches</LinkAnchor>
      </ComingPage>
    );
  }
  return <OneMatch key={match.id} match={match} error={error} onRetry={() => void refetch()} />;
}

function OneMatch({ match, error, onRetry }: { match: Match; error: unknown; onRetry: () => void }) {
  const names = useUploadNames(match.uploads);
  const isReady = match.status === "ready";
  return (
    <Page
      title={`Match by ${match.compare.map(({ column }) => column).join(", ")}`}
      actions={
        <>
          <MatchState match={match} />
          {isReady && (
            <>
              <LinkButton variant="default" to="/identity/duplicates" search={{ uploads: match.uploads.join(","), by: "match", match: match.id }}>
                See the groups
              </LinkButton>
              <LinkButton {...segmentLink(match.uploads, { by: "match", match: match.id })}>Build a segment that joins them</LinkButton>
            </>
          )}
          <DeleteMatch match={match} />
        </>
      }
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          {namesLine(match.uploads, names)} · started <When at={match.created_at} /> · {match.compare.map(({ column, kind }) => `${column} as ${KINDS.find(({ value }) => value === kind)?.label ?? kind}`).join("; ")}
        </Text>
        {error !== null && <ErrorNote error={error} onRetry={onRetry} />}
        {match.status === "computing" && <AtWork />}
        {match.status === "failed" && <Failed match={match} />}
        {isReady && (
          <>
            <Numbers match={match} />
            <Quality match={match} />
            <Pairs match={match} names={names} />
            <Weights match={match} />
          </>
        )}
      </Stack>
    </Page>
  );
}

function AtWork() {
  return (
    <Paper withBorder p="lg">
      <Stack gap="md">
        <Title order={2}>Matching…</Title>
        <Progress value={100} animated size="lg" aria-label="The match is at work" />
        <Text size="sm" c="dimmed">
          It learns from the rows, gives every pair a probability, and measures how right that is. You may leave this page; the work goes on.
        </Text>
      </Stack>
    </Paper>
  );
}

function Failed({ match }: { match: Match }) {
  return (
    <Paper withBorder p="lg" role="alert">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <CircleX size={28} color="var(--bad-line)" aria-hidden style={{ flexShrink: 0 }} />
        <Stack gap="sm" align="flex-start">
          <Title order={2}>The match failed</Title>
          <Text size="sm">
            {match.reason ?? "There is no more to say about it."} {match.reason_code !== null && <code>{match.reason_code}</code>}
          </Text>
          <LinkButton variant="default" to="/identity/matches/new" search={draftTexts({ uploads: match.uploads, compare: match.compare, threshold: match.threshold })}>
            Change it and try again
          </LinkButton>
        </Stack>
      </Group>
    </Paper>
  );
}

function Numbers({ match }: { match: Match }) {
  const numbers: [string, number | null][] = [
    ["Rows looked at", match.rows],
    ["Pairs that may be the same", match.pairs],
    [`Pairs from ${shareWords(match.threshold)} on`, match.pairs_above],
    ["People those pairs make", match.clusters],
  ];
  return (
    <section aria-label="In sum">
      <dl className={classes.numbers}>
        {numbers.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value === null ? "–" : count(value)}</dd>
          </div>
        ))}
      </dl>
      <Text size="xs" c="dimmed" mt={4}>
        As found, before anybody settled any by hand.
      </Text>
    </section>
  );
}

function DeleteMatch({ match }: { match: Match }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [isAsked, ask] = useState(false);
  const erase = async () => {
    await deleteMatch(match.id);
    tell("The match is deleted.");
    await navigate({ to: "/identity/matches" });
    cache.removeQueries({ queryKey: matchQuery(match.id).queryKey });
  };
  return (
    <>
      <Button variant="default" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => ask(true)}>
        Delete
      </Button>
      {isAsked && (
        <ConfirmModal title="Delete this match?" confirmLabel="Delete the match" onConfirm={erase} onClose={() => ask(false)}>
          <Text size="sm">What it found and all you settled by hand goes with it. Your tables stay as they are. A match that segments use is not deleted.</Text>
        </ConfirmModal>
      )}
    </>
  );
}
