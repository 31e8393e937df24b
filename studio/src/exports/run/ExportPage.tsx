// One export, live: how far it is, what became of its rows and why, its file, and what it was asked to do.
import { Skeleton, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Progress, useExportEvents } from "../../api/events";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor } from "../../kit/links";
import { Page } from "../../kit/Page";
import { StatusBadge } from "../../kit/StatusBadge";
import type { Export } from "../model";
import { exportQuery, isMoving } from "../queries";
import { ExportActions } from "./ExportActions";
import { ExportState } from "./ExportState";
import { Failures } from "./Failures";
import { Origin } from "./Origin";
import { OutcomeRows } from "./OutcomeRows";
import { RowCounts } from "./RowCounts";
import { Settings } from "./Settings";

export function ExportPage() {
  const { exportId = "" } = useParams({ strict: false });
  const { data: one, error, refetch } = useQuery(exportQuery(exportId));
  if (one === undefined) {
    return (
      <Page title="Export">
        {error === null ? (
          <Stack gap="lg" aria-busy="true">
            <Skeleton height={120} />
            <Skeleton height={220} />
          </Stack>
        ) : (
          <Stack align="flex-start">
            <ErrorNote error={error} onRetry={() => void refetch()} />
            <LinkAnchor to="/exports">All exports</LinkAnchor>
          </Stack>
        )}
      </Page>
    );
  }
  return <OneExport key={exportId} one={one} error={error} onRetry={() => void refetch()} />;
}

function OneExport({ one, error, onRetry }: { one: Export; error: unknown; onRetry: () => void }) {
  const cache = useQueryClient();
  const [told, setTold] = useState<Partial<Progress>>({});
  const refresh = () => void cache.invalidateQueries({ queryKey: exportQuery(one.export_id).queryKey });
  useExportEvents(isMoving(one) ? one.export_id : null, {
    onProgress: (news) => {
      // A change of state comes without numbers; those known before stay.
      setTold((before) => ({ ...before, ...news }));
      if (news.state !== undefined && news.state !== one.status) refresh();
    },
    onDone: refresh,
  });
  return (
    <Page
      title={one.name}
      actions={
        <>
          <StatusBadge status={one.status} />
          <ExportActions one={one} />
        </>
      }
    >
      <Stack gap="lg">
        <Origin one={one} />
        {error !== null && <ErrorNote error={error} onRetry={onRetry} />}
        <ExportState one={one} told={told} />
        <RowCounts one={one} />
        <Failures one={one} />
        <OutcomeRows one={one} />
        <Settings one={one} />
      </Stack>
    </Page>
  );
}
