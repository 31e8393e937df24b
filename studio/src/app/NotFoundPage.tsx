// An address that leads nowhere.
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../kit/EmptyState";
import { Page } from "../kit/Page";

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <EmptyState title="There is no such page" text="The address may be mistyped, or what it showed was deleted.">
        <Button component={Link} to="/uploads">
          Go to your uploads
        </Button>
      </EmptyState>
    </Page>
  );
}
