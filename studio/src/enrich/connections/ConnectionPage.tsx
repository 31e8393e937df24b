// One connection: its settings in a form made from the provider's own description, and a call to try it with.
import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor } from "../../kit/links";
import { Page } from "../../kit/Page";
import { connectionQuery, providersQuery } from "../queries";
import { ConnectionForm } from "./ConnectionForm";

export function ConnectionPage() {
  const { connectionId = "new" } = useParams({ strict: false });
  const { provider: wanted } = useSearch({ strict: false });
  const navigate = useNavigate();
  const isNew = connectionId === "new";
  const providers = useQuery(providersQuery);
  const kept = useQuery({ ...connectionQuery(connectionId), enabled: !isNew });
  const connection = isNew ? null : kept.data;
  const provider = providers.data?.find(({ id }) => id === (connection?.provider ?? wanted));
  const error = providers.error ?? (isNew ? null : kept.error);
  const isReady = providers.data !== undefined && connection !== undefined;
  return (
    <Page title={isNew ? "New connection" : (connection?.name ?? "Connection")}>
      <Stack gap="md">
        <LinkAnchor to="/enrichments/connections" size="sm" w="fit-content">
          All connections
        </LinkAnchor>
        {error !== null && <ErrorNote error={error} onRetry={() => void (providers.isError ? providers.refetch() : kept.refetch())} />}
        {error === null && !isReady && <Skeleton height={420} aria-busy="true" />}
        {isReady && provider === undefined && <Text>This server has no provider “{connection?.provider ?? wanted}” any more.</Text>}
        {isReady && provider !== undefined && (
          <ConnectionForm
            key={`${provider.id} ${connectionId}`}
            provider={provider}
            connection={connection}
            onSaved={({ id }) => {
              if (isNew) void navigate({ to: "/enrichments/connections/$connectionId", params: { connectionId: id }, search: {}, replace: true });
            }}
          />
        )}
      </Stack>
    </Page>
  );
}
