// Connections: addresses and keys of destinations, kept under a name for many exports.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConnectionsFrame } from "../../form/ConnectionsFrame";
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
      <ConnectionsFrame
        to="a destination"
        query={connections}
        error={error}
        onRetry={() => void Promise.all([connections.refetch(), destinations.refetch()])}
        advice="Connect an address of yours that takes rows, a PostgreSQL database, or an audience at Google or Meta. Downloads, and files in a bucket or directory, need none."
        first={<NewConnection kinds={kinds} isFirst />}
      >
        <ConnectionList connections={all} destinations={destinations.data} uses={uses.data ?? []} onDelete={askDelete} />
      </ConnectionsFrame>
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
