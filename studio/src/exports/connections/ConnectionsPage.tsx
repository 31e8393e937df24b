// Connections: addresses and keys of destinations, kept under a name for many exports.
import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkItem } from "../../kit/links";
import { NewMenu } from "../../kit/NewMenu";
import { Page } from "../../kit/Page";
import { ExportTabs } from "../ExportTabs";
import type { Connection, Destination } from "../model";
import { connectionsQuery, destinationsQuery } from "../queries";
import { ConnectionList } from "./ConnectionList";
import { DeleteConnection } from "./DeleteConnection";
import { usesQuery } from "./queries";

export function ConnectionsPage() {
  const destinations = useQuery(destinationsQuery);
  const connections = useQuery(connectionsQuery);
  const uses = useQuery(usesQuery);
  const [doomed, setDoomed] = useState<Connection | null>(null);
  const kinds = destinations.data?.filter(({ connection }) => connection !== null) ?? [];
  const all = connections.data ?? [];
  const error = connections.error ?? destinations.error;
  const askDelete = (connection: Connection) => {
    void uses.refetch(); // it may have been taken into use since
    setDoomed(connection);
  };
  return (
    <Page title="Exports" actions={<NewConnection kinds={kinds} />}>
      <ExportTabs />
      <Stack gap="sm">
        <Text c="dimmed" maw={720}>
          A connection keeps the address and the keys of a destination under a name. Keys are stored sealed and never shown again.
        </Text>
        {connections.isPending && <Waiting />}
        {error !== null && all.length === 0 && <ErrorNote error={error} onRetry={() => void Promise.all([connections.refetch(), destinations.refetch()])} />}
        {connections.isSuccess && all.length === 0 && error === null && (
          <EmptyState
            icon={<Plug size={32} color="var(--muted)" aria-hidden />}
            title="No connection yet"
            text="Connect an address of yours that takes rows, a PostgreSQL database, or an audience at Google or Meta. Downloads, and files in a bucket or directory, need none."
          >
            <NewConnection kinds={kinds} isFirst />
          </EmptyState>
        )}
        {all.length > 0 && <ConnectionList connections={all} destinations={destinations.data} uses={uses.data ?? []} onDelete={askDelete} />}
      </Stack>
      {doomed !== null && <DeleteConnection connection={doomed} uses={(uses.data ?? []).filter(({ connection }) => connection === doomed.id)} onClose={() => setDoomed(null)} />}
    </Page>
  );
}

function NewConnection({ kinds, isFirst = false }: { kinds: readonly Destination[]; isFirst?: boolean }) {
  return (
    <NewMenu label={isFirst ? "Make the first connection" : "New connection"} isQuiet={isFirst} isDisabled={kinds.length === 0}>
      {kinds.map((kind) => (
        <LinkItem key={kind.id} to="/exports/connections/$connectionId" params={{ connectionId: "new" }} search={{ destination: kind.id }}>
          {kind.title}
        </LinkItem>
      ))}
    </NewMenu>
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
