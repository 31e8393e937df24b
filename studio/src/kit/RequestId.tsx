// The id of a request that failed, leading to its line in the request log for those who may see one.
import { Anchor, Code, Text } from "@mantine/core";
import { queries } from "../api/queries";
import { meQuery } from "../app/session";

export function RequestId({ id }: { id: string }) {
  const maySee = queries.getQueryData(meQuery.queryKey)?.user != null;
  return (
    <Text size="xs" c="dimmed">
      Request{" "}
      {maySee ? (
        // A plain link: notices stand outside the router, and what is on the page stays open.
        <Anchor href={`/keys/requests?${new URLSearchParams({ request_id: id })}`} target="_blank" rel="noreferrer" inherit>
          <Code>{id}</Code>
        </Anchor>
      ) : (
        <Code>{id}</Code>
      )}
    </Text>
  );
}
