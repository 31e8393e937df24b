// What a bulk operation did not do, upload by upload, and why.
import { Button, Group, Modal, Table, Text } from "@mantine/core";
import { plural } from "../kit/format";
import type { Outcome } from "./actions";
import type { UploadView } from "./list";

export interface BulkResult {
  title: string;
  uploads: readonly UploadView[];
  outcomes: readonly Outcome[];
}

export function BulkResultModal({ result, onClose }: { result: BulkResult; onClose: () => void }) {
  const refused = result.outcomes.filter(({ status }) => status === "error");
  const nameOf = (id: string) => result.uploads.find((one) => one.upload_id === id)?.upload_name ?? id;
  return (
    <Modal opened onClose={onClose} title={result.title} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Text size="sm" mb="sm">
        {plural(result.outcomes.length - refused.length, "upload")} done, {refused.length} not:
      </Text>
      <Table aria-label="Uploads that refused">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Upload</Table.Th>
            <Table.Th>Why not</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {refused.map((one) => (
            <Table.Tr key={one.upload_id}>
              <Table.Td>{nameOf(one.upload_id)}</Table.Td>
              <Table.Td>{one.message}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Modal>
  );
}
