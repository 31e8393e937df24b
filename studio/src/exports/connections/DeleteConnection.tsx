// Deletes a connection, or says what still needs it.
import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { LinkAnchor } from "../../kit/links";
import { tell } from "../../kit/toast";
import type { Connection } from "../model";
import { deleteConnection, type Use } from "./queries";

interface DeleteConnectionProps {
  connection: Connection;
  /** What uses this connection, as far as is known: the server has the last word. */
  uses: readonly Use[];
  onClose: () => void;
}

export function DeleteConnection({ connection, uses, onClose }: DeleteConnectionProps) {
  if (uses.length > 0) return <InUse connection={connection} uses={uses} onClose={onClose} />;
  const remove = async () => {
    await deleteConnection(connection.id);
    tell(`“${connection.name}” is deleted.`);
  };
  return (
    <ConfirmModal title={`Delete “${connection.name}”?`} confirmLabel="Delete connection" onConfirm={remove} onClose={onClose}>
      <Text size="sm">Its settings and keys are gone for good. Exports made with it stay in the list, and so does what was delivered.</Text>
    </ConfirmModal>
  );
}

function InUse({ connection, uses, onClose }: DeleteConnectionProps) {
  return (
    <Modal opened onClose={onClose} title={`“${connection.name}” is in use`} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text size="sm">These need it. Delete the schedules, or wait until the exports are over; then it can be deleted.</Text>
        <List size="sm" spacing="xs" aria-label="What uses it">
          {uses.map(({ kind, id, name }) => (
            <List.Item key={id}>
              {kind === "schedule" ? (
                <LinkAnchor to="/exports/schedules/$scheduleId" params={{ scheduleId: id }} inherit style={{ display: "inline-block", padding: "4px 0", overflowWrap: "anywhere" }}>
                  Schedule “{name}”
                </LinkAnchor>
              ) : (
                <LinkAnchor to="/exports/$exportId" params={{ exportId: id }} inherit style={{ display: "inline-block", padding: "4px 0", overflowWrap: "anywhere" }}>
                  Export “{name}”, at work
                </LinkAnchor>
              )}
            </List.Item>
          ))}
        </List>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
