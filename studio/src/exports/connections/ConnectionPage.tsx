// One connection: its settings in a form made from the destination's own description, and a trial of it.
import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ConnectionForm } from "../../form/ConnectionForm";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor } from "../../kit/links";
import { Page } from "../../kit/Page";
import { destinationsQuery } from "../queries";
import { connectionQuery, saveConnection } from "./queries";
import { TryConnection } from "./TryConnection";

export function ConnectionPage() {
  const { connectionId = "new" } = useParams({ strict: false });
  const { destination: wanted } = useSearch({ strict: false });
  const navigate = useNavigate();
  const isNew = connectionId === "new";
  const destinations = useQuery(destinationsQuery);
  const kept = useQuery({ ...connectionQuery(connectionId), enabled: !isNew });
  const connection = isNew ? null : kept.data;
  const destination = destinations.data?.find(({ id }) => id === (connection?.destination ?? wanted));
  const schema = destination?.connection ?? null;
  const error = destinations.error ?? (isNew ? null : kept.error);
  const isReady = destinations.data !== undefined && connection !== undefined;
  return (
    <Page title={isNew ? "New connection" : (connection?.name ?? "Connection")}>
      <Stack gap="md">
        <LinkAnchor to="/exports/connections" size="sm" w="fit-content">
          All connections
        </LinkAnchor>
        {error !== null && <ErrorNote error={error} onRetry={() => void (destinations.isError ? destinations.refetch() : kept.refetch())} />}
        {error === null && !isReady && <Skeleton height={420} aria-busy="true" />}
        {isReady && destination === undefined && <Text>This server has no destination “{connection?.destination ?? wanted}”. Choose one in the list of connections.</Text>}
        {isReady && destination !== undefined && schema === null && <Text>{destination.title} needs no connection: choose it when you make an export.</Text>}
        {isReady && destination !== undefined && schema !== null && (
          <ConnectionForm
            key={`${destination.id} ${connectionId}`}
            about={`${destination.title}: ${destination.description}`}
            schema={schema}
            kept={connection}
            onSave={(wish) => saveConnection(connection?.id ?? null, { destination: destination.id, ...wish })}
            onSaved={({ id }) => {
              if (isNew) void navigate({ to: "/exports/connections/$connectionId", params: { connectionId: id }, search: {}, replace: true });
            }}
          >
            {(isDirty) => <TryConnection destination={destination} connection={connection} isDirty={isDirty} />}
          </ConnectionForm>
        )}
      </Stack>
    </Page>
  );
}
