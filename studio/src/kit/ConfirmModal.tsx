// Asks before something is lost or sent anew; names what goes, and for large losses wants its name typed.
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ErrorNote } from "./ErrorNote";

interface ConfirmModalProps {
  title: string;
  /** What will be gone, in full. */
  children: ReactNode;
  confirmLabel: string;
  /** Nothing is lost by it. */
  isHarmless?: boolean;
  /** When given, the button waits until this text is typed. */
  typeToConfirm?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function ConfirmModal({ title, children, confirmLabel, isHarmless = false, typeToConfirm, onConfirm, onClose }: ConfirmModalProps) {
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isReady = typeToConfirm === undefined || typed.trim() === typeToConfirm.trim();
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void confirm();
        }}
      >
        <Stack gap="md">
          <div>{children}</div>
          {typeToConfirm !== undefined && (
            <TextInput
              label={
                <>
                  Type <Text span fw={650} inherit>{typeToConfirm}</Text> to confirm
                </>
              }
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" {...(isHarmless ? {} : { color: "red.9" })} disabled={!isReady} loading={isBusy}>
              {confirmLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
