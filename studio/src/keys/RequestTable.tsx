// The requests as a table, or as a list where a table would not fit; a click or Enter opens the details.
import { Card, Group, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { exactTime } from "../kit/format";
import { When } from "../kit/When";
import { milliseconds, senderOf } from "./requestWords";
import { RequestStatus } from "./RequestStatus";
import type { LoggedRequest } from "./requestQueries";
import classes from "./RequestTable.module.css";

interface RequestTableProps {
  requests: LoggedRequest[];
  onOpen: (request: LoggedRequest) => void;
}

const clock = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export function RequestTable({ requests, onOpen }: RequestTableProps) {
  const isNarrow = useMediaQuery("(max-width: 56em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <RequestList requests={requests} onOpen={onOpen} /> : <WideTable requests={requests} onOpen={onOpen} />;
}

function WideTable({ requests, onOpen }: RequestTableProps) {
  return (
    <Card withBorder padding={0}>
      <Table highlightOnHover layout="fixed" verticalSpacing={6}>
        <Table.Thead bg="var(--head)">
          <Table.Tr>
            <Table.Th w={168}>Time</Table.Th>
            <Table.Th w={84}>Method</Table.Th>
            <Table.Th>Path</Table.Th>
            <Table.Th w={108}>Status</Table.Th>
            <Table.Th w={88} ta="right">Took</Table.Th>
            <Table.Th w={160}>Sent by</Table.Th>
            <Table.Th w={150}>Request id</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {requests.map((request) => (
            <Table.Tr key={request.request_id + request.at} onClick={() => onOpen(request)} className={classes.row}>
              <Table.Td>
                <time dateTime={request.at} title={exactTime(request.at)}>{clock.format(new Date(request.at))}</time>
              </Table.Td>
              <Table.Td ff="monospace">{request.method}</Table.Td>
              <Table.Td>
                <UnstyledButton
                  className={`${classes.path} truncate`}
                  title={request.path}
                  onClick={(event) => {
                    event.stopPropagation();
                    onOpen(request);
                  }}
                >
                  {request.path}
                </UnstyledButton>
              </Table.Td>
              <Table.Td><RequestStatus status={request.status} /></Table.Td>
              <Table.Td ta="right">{milliseconds(request)}</Table.Td>
              <Table.Td className="truncate" title={senderOf(request)}>{senderOf(request)}</Table.Td>
              <Table.Td ff="monospace" fz="xs" className="truncate" title={request.request_id}>{request.request_id}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function RequestList({ requests, onOpen }: RequestTableProps) {
  return (
    <Stack component="ul" gap={0} className={classes.list}>
      {requests.map((request) => (
        <li key={request.request_id + request.at}>
          <UnstyledButton className={classes.item} onClick={() => onOpen(request)}>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Text size="sm" ff="monospace" className="truncate">
                {request.method} {request.path}
              </Text>
              <RequestStatus status={request.status} />
            </Group>
            <Text size="xs" c="dimmed" mt={2}>
              <When at={request.at} /> · {milliseconds(request)} · {senderOf(request)}
            </Text>
          </UnstyledButton>
        </li>
      ))}
    </Stack>
  );
}
