// Step 4: what became of every row of the file, and where to go from here.
import { Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, CircleCheck, Table2, Upload as UploadIcon } from "lucide-react";
import { ErrorNote } from "../kit/ErrorNote";
import { count, plural } from "../kit/format";
import { StepFooter } from "../kit/StepFooter";
import type { Address } from "./address";
import { DownloadRejects } from "./DownloadRejects";
import { KeepTemplate } from "./KeepTemplate";
import { Numbers } from "./Numbers";
import { isFile, type Upload } from "./queries";
import { issuesQuery } from "./rejects";

export function DoneStep({ upload, address }: { upload: Upload; address: Address }) {
  const { data: issues, error, refetch } = useQuery(issuesQuery(upload.upload_id));
  if (error !== null && issues === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (issues === undefined) return <Skeleton height={320} aria-busy="true" />;
  const open = issues.rows_rejected - issues.rows_discarded;
  return (
    <Stack gap="lg">
      <Paper withBorder radius="md" p="lg">
        <Stack gap="md">
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <CircleCheck size={28} color="var(--good-text)" aria-hidden />
            <div>
              <Title order={2}>{plural(issues.rows_accepted, "row is", "rows are")} in the table</Title>
              <Text c="dimmed" size="sm">
                {open > 0
                  ? `${count(issues.rows_received)} came, ${plural(open, "row")} still set aside. You can fix them at any time.`
                  : `All ${plural(issues.rows_received, "row")} of “${upload.upload_name}” are accounted for.`}
              </Text>
            </div>
          </Group>
          <Numbers issues={issues} />
          <Group gap="sm">
            <Button leftSection={<Table2 size={16} aria-hidden />} renderRoot={(props) => <Link to="/uploads/$uploadId" params={{ uploadId: upload.upload_id }} {...props} />}>
              Open the table
            </Button>
            <Button variant="default" leftSection={<UploadIcon size={16} aria-hidden />} renderRoot={(props) => <Link to="/uploads" {...props} />}>
              Import another file
            </Button>
          </Group>
          {issues.rows_rejected > 0 && <DownloadRejects uploadId={upload.upload_id} />}
        </Stack>
      </Paper>
      {isFile(upload) && <KeepTemplate upload={upload} />}
      <StepFooter>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("check")}>
          {open > 0 ? "Back to the rows set aside" : "Back"}
        </Button>
      </StepFooter>
    </Stack>
  );
}
