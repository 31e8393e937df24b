// The import of one upload in four steps; the address says which, the server says which are open.
import { Group, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { ErrorNote } from "../kit/ErrorNote";
import { Page } from "../kit/Page";
import { StatusBadge } from "../kit/StatusBadge";
import { useAddress } from "./address";
import { CheckStep } from "./CheckStep";
import { DoneStep } from "./DoneStep";
import { FileStep } from "./FileStep";
import { ImportSteps } from "./ImportSteps";
import { MatchStep } from "./MatchStep";
import { firstStep, isOpen, uploadQuery } from "./queries";

export function ImportPage() {
  const address = useAddress();
  const { uploadId, step, go } = address;
  const { data: upload, error, refetch } = useQuery(uploadQuery(uploadId));
  const open = upload === undefined ? null : step !== null && isOpen(step, upload) ? step : firstStep(upload);
  useEffect(() => {
    if (open !== null && open !== step) go(open, { replace: true });
  }, [open, step, go]);
  if (upload === undefined || open === null) {
    return (
      <Page title="Import">
        {error === null ? (
          <Waiting />
        ) : (
          <Stack align="flex-start">
            <ErrorNote error={error} onRetry={() => void refetch()} />
            <Link to="/uploads">All uploads</Link>
          </Stack>
        )}
      </Page>
    );
  }
  return (
    <Page title={`Import ${upload.upload_name}`} actions={<StatusBadge status={upload.upload_status} />}>
      <Stack gap="lg">
        <ImportSteps upload={upload} now={open} />
        {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {open === "file" && <FileStep upload={upload} address={address} />}
        {open === "match" && <MatchStep upload={upload} address={address} />}
        {open === "check" && <CheckStep upload={upload} address={address} />}
        {open === "done" && <DoneStep upload={upload} address={address} />}
      </Stack>
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap="lg" aria-busy="true">
      <Group grow>
        {Array.from({ length: 4 }, (_, at) => (
          <Skeleton key={at} height={44} />
        ))}
      </Group>
      <Skeleton height={92} />
      <Skeleton height={360} />
    </Stack>
  );
}
