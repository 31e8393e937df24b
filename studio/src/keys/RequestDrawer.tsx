// All that is known of one request, and a command that sends it again.
import { Drawer, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { CodeBlock } from "../kit/CodeBlock";
import { bytes, exactTime } from "../kit/format";
import { CopyButton } from "../kit/CopyButton";
import { RequestStatus } from "./RequestStatus";
import type { LoggedRequest } from "./requestQueries";
import { curlOf, milliseconds, senderOf } from "./requestWords";
import classes from "./RequestDrawer.module.css";

export function RequestDrawer({ request, onClose }: { request: LoggedRequest; onClose: () => void }) {
  const facts: [string, ReactNode][] = [
    ["Status", <RequestStatus key="status" status={request.status} />],
    ...(request.error_code === null ? [] : ([["Error code", <code key="code">{request.error_code}</code>]] as [string, ReactNode][])),
    ["Time", exactTime(request.at)],
    ["Took", milliseconds(request)],
    ["Sent by", request.key === null ? senderOf(request) : `${senderOf(request)} (muster_${request.key.id}_…)`],
    ["Program", request.client ?? "It did not say"],
    ["Received", bytes(request.bytes_in)],
    ["Answered", bytes(request.bytes_out)],
    ["Parameters", request.query.length === 0 ? "None" : request.query.join(", ")],
  ];
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={`${request.method} request`} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
          {request.path}
        </Text>
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          <div>
            <dt>Request id</dt>
            <dd className={classes.id}>
              <span>{request.request_id}</span>
              <CopyButton value={request.request_id} label="Copy id" />
            </dd>
          </div>
        </dl>
        <div>
          <Title order={3} mb={6}>
            Send it again
          </Title>
          <CodeBlock code={curlOf(request, window.location.origin)} label="The request as a curl command" />
          <Text size="xs" c="dimmed" mt={6}>
            The log keeps no keys, bodies or values of parameters: fill in what stands in capitals.
          </Text>
        </div>
      </Stack>
    </Drawer>
  );
}
