// An upload that became no table: why, and what can be done.
import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { CircleX } from "lucide-react";
import type { Upload } from "../api/tables";
import { EmptyState } from "../kit/EmptyState";
import { Page } from "../kit/Page";
import { StatusBadge } from "../kit/StatusBadge";

const TITLES: Record<string, string> = {
  failed: "This upload could not become a table",
  cancelled: "The work on this upload was stopped",
  deleting: "This upload is being deleted",
};

export function FailedTable({ upload }: { upload: Upload }) {
  const { upload_id, upload_name, upload_status, status_reason } = upload;
  return (
    <Page title={upload_name} actions={<StatusBadge status={upload_status} />}>
      <EmptyState
        icon={<CircleX size={32} color="var(--bad-line)" aria-hidden />}
        title={TITLES[upload_status] ?? "There is no table"}
        {...(status_reason === null || status_reason === undefined ? {} : { text: status_reason })}
      >
        <Group gap="xs" justify="center">
          {upload_status !== "deleting" && (
            <Button component={Link} to={`/uploads/${upload_id}/import`}>
              Look at the file
            </Button>
          )}
          <Button component={Link} to="/uploads" variant="default">
            Go to your uploads
          </Button>
        </Group>
      </EmptyState>
    </Page>
  );
}
