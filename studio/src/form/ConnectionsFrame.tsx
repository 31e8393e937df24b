// The frame of a list of connections: what they are, waiting for them, why they do not come, and what to do when there is none.
import { Skeleton, Stack, Text } from "@mantine/core";
import { Plug } from "lucide-react";
import type { ReactNode } from "react";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";

interface ConnectionsFrameProps {
  /** What a connection connects to, with its article. */
  to: string;
  query: { isPending: boolean; isSuccess: boolean; data: readonly unknown[] | undefined };
  /** Of any question this page asks. */
  error: unknown;
  onRetry: () => void;
  /** What to connect, for whoever has no connection yet. */
  advice: string;
  /** Makes the first one. */
  first: ReactNode;
  /** The list, where there is one. */
  children: ReactNode;
}

export function ConnectionsFrame({ to, query, error, onRetry, advice, first, children }: ConnectionsFrameProps) {
  const isEmpty = (query.data ?? []).length === 0;
  return (
    <Stack gap="sm">
      <Text c="dimmed" maw={720}>
        A connection keeps the address and the keys of {to} under a name. Keys are stored sealed and never shown again.
      </Text>
      {query.isPending && <Waiting />}
      {error !== null && isEmpty && <ErrorNote error={error} onRetry={onRetry} />}
      {query.isSuccess && isEmpty && error === null && (
        <EmptyState icon={<Plug size={32} color="var(--muted)" aria-hidden />} title="No connection yet" text={advice}>
          {first}
        </EmptyState>
      )}
      {!isEmpty && children}
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the connections" role="status">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={56} />
      ))}
    </Stack>
  );
}
