// One export, live: how far it is, what became of its rows and why, its file, and what it was asked to do.
import { Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useExportEvents, useTold } from "../../api/events";
import { ComingPage } from "../../kit/ComingPage";
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
      <ComingPage title="Export" error={error} onRetry={() => void refetch()}>
        <LinkAnchor to="/exports">All exports</LinkAnchor>
      </ComingPage>
    );
  }
  return <OneExport key={exportId} one={one} error={error} onRetry={() => void refetch()} />;
}

function OneExport({ one, error, onRetry }: { one: Export; error: unknown; onRetry: () => void }) {
  const cache = useQueryClient();
  const refresh = () => void cache.invalidateQueries({ queryKey: exportQuery(one.export_id).queryKey });
  const [told, listener] = useTold(one.status, refresh);
  useExportEvents(isMoving(one) ? one.export_id : null, listener);
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
