// A new probable match: over which uploads, what is compared, and from which probability on pairs are joined.
import { Button, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/errors";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { StepFooter } from "../../kit/StepFooter";
import { useIdempotencyKey } from "../../kit/useIdempotencyKey";
import { ChooseUploads } from "../ChooseUploads";
import { startMatch } from "../queries";
import { useColumns } from "../useColumns";
import { bodyOf, draftOf, draftTexts, lackOf, type MatchDraft, proposed } from "./draft";
import { CompareList } from "./CompareList";
import { MissingExtra } from "./MissingExtra";
import { ThresholdInput } from "./ThresholdInput";

const EXTRA_MISSING = "identity_extra_missing";

export function NewMatchPage() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const draft = draftOf(search);
  const columns = useColumns(draft.uploads);
  const compare = draft.compare ?? proposed(columns);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { keyFor, forget } = useIdempotencyKey("identity:match");
  const change = (part: Partial<MatchDraft>) => {
    setError(null);
    void navigate({ to: ".", search: (now: Record<string, string | undefined>) => ({ ...now, ...draftTexts(part) }), replace: true });
  };
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The foot of the page stays in sight and would hide what was just refused.
    if (error !== null) told.current?.scrollIntoView({ block: "center" });
  }, [error]);
  const lack = lackOf(draft, compare);
  const start = async () => {
    const wish = bodyOf(draft, compare);
    setBusy(true);
    setError(null);
    try {
      const match = await startMatch(wish, keyFor(wish));
      forget();
      await navigate({ to: "/identity/matches/$matchId", params: { matchId: match.id } });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const isMissing = error instanceof ApiError && error.code === EXTRA_MISSING;
  return (
    <Page title="New probable match">
      <Stack gap="lg" maw={860}>
        <ChooseUploads chosen={draft.uploads} onChange={(uploads) => change({ uploads })} />
        <CompareList compare={compare} columns={columns} isProposed={draft.compare === null && compare.length > 0} onChange={(next) => change({ compare: next })} />
        <ThresholdInput threshold={draft.threshold} onChange={(threshold) => change({ threshold })} />
        <Text size="sm" c="dimmed">
          How right it is gets measured on copies of your own rows with planted typing errors. That shows well how many mistyped people are found, and not how often two people who look alike are taken
          for one. To measure that, too, send pairs you know as <code>labels</code> through the API.
        </Text>
        {error !== null && <div ref={told}>{isMissing ? <MissingExtra error={error} onRetry={() => void start()} /> : <ErrorNote error={error} />}</div>}
        <StepFooter note={lack ?? "Looking takes a few seconds for ten thousand rows; a million is the most."}>
          <LinkButton variant="default" to="/identity/matches">
            Cancel
          </LinkButton>
          <Button disabled={lack !== null} loading={isBusy} onClick={() => void start()}>
            Start matching
          </Button>
        </StepFooter>
      </Stack>
    </Page>
  );
}
