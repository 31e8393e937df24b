// What a rule would do to a whole upload: counts first, then examples.
import { Alert, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { count, percent, plural } from "../kit/format";
import type { TriedUpload } from "./queries";

const SHOWN = 20;

export function TriedUploadShown({ tried }: { tried: TriedUpload }) {
  const flagged = tried.counts.reduce((sum, one) => sum + one.count, 0);
  return (
    <Stack gap="xs">
      <Text role="status">
        Would flag{" "}
        <Text span fw={650} inherit>
          {count(flagged)} of {plural(tried.rows, "row")}
        </Text>{" "}
        ({percent(flagged, tried.rows)}); {count(tried.rejected)} rejected in all, {count(tried.accepted)} accepted.
      </Text>
      {!tried.is_complete && <Alert variant="default">Time ran out after {plural(tried.rows, "row")}; the numbers are for these.</Alert>}
      {tried.not_tried.length > 0 && <Alert variant="default">Uniqueness could not be tried on so many rows in the time allowed.</Alert>}
      {tried.examples.length > 0 && (
        <ScrollArea.Autosize mah={320} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Examples" }}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Row</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>What is said</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tried.examples.slice(0, SHOWN).map((example, at) => (
                <Table.Tr key={`${example.row}-${example.code}-${at}`}>
                  <Table.Td>{count(example.row + 1)}</Table.Td>
                  <Table.Td style={{ wordBreak: "break-word" }}>{example.value ?? <Text span c="dimmed">(empty)</Text>}</Table.Td>
                  <Table.Td>{example.fixed === null ? example.message : `becomes ${example.fixed || "(empty)"}`}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
    </Stack>
  );
}
