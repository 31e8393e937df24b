// One run, live: how far it is, what each provider found and cost, what failed and why, what the table got.
import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type Progress, useRunEvents } from "../../api/events";
import { ErrorNote } from "../../kit/ErrorNote";
import { exactTime } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { Page } from "../../kit/Page";
import { StatusBadge } from "../../kit/StatusBadge";
import { When } from "../../kit/When";
import { isOver, runQuery } from "../queries";
import type { Run } from "../model";
import { Failures } from "./Failures";
import { RunActions } from "./RunActions";
import { RunState } from "./RunState";
import { StepCounts } from "./StepCounts";
import { Targets } from "./Targets";

export function RunPage() {
  const { runId = "" } = useParams({ strict: false });
  const { data: run, error, refetch } = useQuery(runQuery(runId));
  if (run === undefined) {
    return (
      <Page title="Enrichment run">
        {error === null ? (
          <Stack gap="lg" aria-busy="true">
            <Skeleton height={120} />
            <Skeleton height={220} />
          </Stack>
        ) : (
          <Stack align="flex-start">
            <ErrorNote error={error} onRetry={() => void refetch()} />
            <LinkAnchor to="/enrichments">All runs</LinkAnchor>
          </Stack>
        )}
      </Page>
    );
  }
  return <OneRun key={runId} run={run} error={error} onRetry={() => void refetch()} />;
}

function OneRun({ run, error, onRetry }: { run: Run; error: unknown; onRetry: () => void }) {
  const cache = useQueryClient();
  const [told, setTold] = useState<Partial<Progress>>({});
  const refresh = () => void cache.invalidateQueries({ queryKey: runQuery(run.run_id).queryKey });
  useRunEvents(isOver(run) ? null : run.run_id, {
    onProgress: (news) => {
      // A change of state comes without numbers; those known before stay.
      setTold((before) => ({ ...before, ...news }));
      if (news.state !== undefined && news.state !== run.status) refresh();
    },
    onDone: refresh,
  });
  const isAtEnd = isOver(run);
  useEffect(() => {
    // Whoever told first that it ended: what pages know of the table is old from then on.
    if (isAtEnd) void cache.invalidateQueries({ queryKey: ["upload", run.upload_id] });
  }, [isAtEnd, cache, run.upload_id]);
  return (
    <Page
      title={run.name}
      actions={
        <>
          <StatusBadge status={run.status} />
          <RunActions run={run} />
        </>
      }
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          <LinkAnchor to="/uploads/$uploadId" params={{ uploadId: run.upload_id }} underline="always">
            {run.upload_name}
          </LinkAnchor>
          {" · "}started <When at={run.created_at} />
          {run.finished_at !== null && `, ended ${exactTime(run.finished_at)}`}
          {run.parent_id !== null && (
            <>
              {" · "}asks again what failed in{" "}
              <LinkAnchor to="/enrichments/$runId" params={{ runId: run.parent_id }} underline="always">
                an earlier run
              </LinkAnchor>
            </>
          )}
        </Text>
        {error !== null && <ErrorNote error={error} onRetry={onRetry} />}
        <RunState run={run} told={told} />
        <StepCounts run={run} />
        <Targets run={run} />
        <Failures run={run} />
      </Stack>
    </Page>
  );
}
