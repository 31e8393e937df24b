// Short notices at the edge of the window; an error keeps its request id and stays until it is closed.
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ApiError } from "../api/errors";
import { RequestId } from "./RequestId";

const CLOSE = { "aria-label": "Close this notice" };
const DONE_MS = 5_000;
const UNDO_MS = 12_000;

export function tell(message: string): void {
  notifications.show({ closeButtonProps: CLOSE, message, color: "green", autoClose: DONE_MS });
}

/** A notice with one way back. */
export function tellWithUndo(message: string, undo: () => void): void {
  const id = notifications.show({
    closeButtonProps: CLOSE,
    autoClose: UNDO_MS,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}

export function tellError(title: string, error: unknown): void {
  const requestId = error instanceof ApiError ? error.requestId : null;
  notifications.show({
    closeButtonProps: CLOSE,
    color: "red",
    autoClose: false,
    title,
    message: (
      <>
        <Text size="sm">{error instanceof Error ? error.message : String(error)}</Text>
        {requestId !== null && <RequestId id={requestId} />}
      </>
    ),
  });
}
