// A page about one thing before it is there: waiting for it, or why it does not come.
import { Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNote } from "./ErrorNote";
import { Page } from "./Page";

interface ComingPageProps {
  title: string;
  /** null while it is on its way. */
  error: unknown;
  onRetry: () => void;
  /** Where else to go when it does not come. */
  children: ReactNode;
}

export function ComingPage({ title, error, onRetry, children }: ComingPageProps) {
  return (
    <Page title={title}>
      {error === null ? (
        <Stack gap="lg" aria-busy="true">
          <Skeleton height={120} />
          <Skeleton height={220} />
        </Stack>
      ) : (
        <Stack align="flex-start">
          <ErrorNote error={error} onRetry={onRetry} />
          {children}
        </Stack>
      )}
    </Page>
  );
}
