// After a one-time link: a password for the next time, now or later.
import { Button, Group, Text } from "@mantine/core";
import { FrontDoor } from "../kit/FrontDoor";
import { SetPasswordForm } from "../kit/SetPasswordForm";

interface OfferPasswordProps {
  email: string;
  onDone: () => void;
}

export function OfferPassword({ email, onDone }: OfferPasswordProps) {
  return (
    <FrontDoor title="You are in" keepFocus>
      <Text size="sm">
        The link worked once and is spent. Set a password for{" "}
        <Text span fw={600} inherit>
          {email}
        </Text>
        , so that you can come back without a new one.
      </Text>
      <SetPasswordForm email={email} needsCurrent={false} submitLabel="Set password and go on" autoFocus onSet={onDone} />
      <Group justify="center">
        <Button variant="subtle" color="gray" onClick={onDone}>
          Not now
        </Button>
      </Group>
    </FrontDoor>
  );
}
