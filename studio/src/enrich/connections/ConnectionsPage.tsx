// Connections: providers with an address or a key of one's own, kept under a name for many runs.
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConnectionsFrame } from "../../form/ConnectionsFrame";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { LinkItem } from "../../kit/links";
import { NewMenu } from "../../kit/NewMenu";
import { Page } from "../../kit/Page";
import { tell } from "../../kit/toast";
import { EnrichTabs } from "../EnrichTabs";
import { connectionsQuery, deleteConnection, providersQuery } from "../queries";
import type { Connection, Provider } from "../model";
import { ConnectionList } from "./ConnectionList";

export function ConnectionsPage() {
  const providers = useQuery(providersQuery);
  const connections = useQuery(connectionsQuery);
  const [doomed, setDoomed] = useState<Connection | null>(null);
  const kinds = providers.data?.filter((provider) => provider.connection) ?? [];
  const all = connections.data ?? [];
  const error = connections.error ?? providers.error;
  const remove = async (connection: Connection) => {
    await deleteConnection(connection.id);
    tell(`“${connection.name}” is deleted.`);
  };
  return (
    <Page title="Enrichments" actions={<NewConnection kinds={kinds} />}>
      <EnrichTabs />
      <ConnectionsFrame
        to="a provider"
        query={connections}
        error={error}
        onRetry={() => void Promise.all([connections.refetch(), providers.refetch()])}
        advice="Connect a service that answers by HTTP with JSON: say where it is, what it is asked, and which parts of its answer you want. The built-in providers need none."
        first={<NewConnection kinds={kinds} isFirst />}
      >
        <ConnectionList connections={all} providers={providers.data ?? []} onDelete={setDoomed} />
      </ConnectionsFrame>
      {doomed !== null && (
        <ConfirmModal title={`Delete “${doomed.name}”?`} confirmLabel="Delete connection" onConfirm={() => remove(doomed)} onClose={() => setDoomed(null)}>
          <Text size="sm">Its settings and keys are gone for good. Runs made with it, and what they found, stay.</Text>
        </ConfirmModal>
      )}
    </Page>
  );
}

function NewConnection({ kinds, isFirst = false }: { kinds: readonly Provider[]; isFirst?: boolean }) {
  return (
    <NewMenu label={isFirst ? "Make the first connection" : "New connection"} isQuiet={isFirst} isDisabled={kinds.length === 0}>
      {kinds.map((kind) => (
        <LinkItem key={kind.id} to="/enrichments/connections/$connectionId" params={{ connectionId: "new" }} search={{ provider: kind.id }}>
          {kind.title}
        </LinkItem>
      ))}
    </NewMenu>
  );
}
