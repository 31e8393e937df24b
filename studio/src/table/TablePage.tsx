// One upload: its table once there is one, before that the work on it, or why there will be none.
import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ApiError } from "../api/errors";
import { AT_WORK, uploadQuery } from "../api/tables";
import { ErrorNote } from "../kit/ErrorNote";
import { Page } from "../kit/Page";
import { FailedTable } from "./FailedTable";
import { TableSkeleton } from "./TableSkeleton";
import { TableView } from "./TableView";
import { useRowById } from "./useRowById";
import { WaitingTable } from "./WaitingTable";

export function TablePage() {
  const { uploadId } = useParams({ strict: false });
  if (uploadId === undefined) throw new Error("The address names no upload.");
  return <OneUpload key={uploadId} uploadId={uploadId} />;
}

function OneUpload({ uploadId }: { uploadId: string }) {
  const { data: upload, error, refetch } = useQuery(uploadQuery(uploadId));
  useRowById(uploadId);
  if (upload === undefined) {
    return (
      <Page title="Upload" fill>
        {error === null ? <TableSkeleton /> : <NoUpload error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  if (upload.upload_status === "ready" || upload.upload_status === "ready_with_errors") return <TableView upload={upload} />;
  if (AT_WORK.has(upload.upload_status)) return <WaitingTable upload={upload} onDone={() => void refetch()} />;
  return <FailedTable upload={upload} />;
}

function NoUpload({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const isGone = error instanceof ApiError && (error.status === 404 || error.status === 403);
  return (
    <Stack align="flex-start">
      {isGone ? <ErrorNote error={error} /> : <ErrorNote error={error} onRetry={onRetry} />}
      <Button component={Link} to="/uploads" variant="default">
        Go to your uploads
      </Button>
    </Stack>
  );
}
