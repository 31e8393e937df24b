// One run, live: how far it is, what each provider found and cost, what failed and why, what the table got.
import { Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useRunEvents, useTold } from "../../api/events";
import { ComingPage } from "../../kit/ComingPage";
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
      <ComingPage title="Enrichment run" error={error} onRetry={() => void refetch()}>
        <LinkAnchor to="/enrichments">All runs</LinkAnchor>
      </ComingPage>
    );
  }
  return <OneRun key={runId} run={run} error={error} onRetry={() => void refetch()} />;
}

function OneRun({ run, error, onRetry }: { run: Run; error: unknown; onRetry: () => void }) {
  const cache = useQueryClient();
  const refresh = () => void cache.invalidateQueries({ queryKey: runQuery(run.run_id).queryKey });
  const [told, listener] = useTold(run.status, refresh);
  useRunEvents(isOver(run) ? null : run.run_id, listener);
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
