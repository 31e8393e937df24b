// How somebody without an account gets one: Muster sends no mail, so the command line of the server makes it.
import { Anchor, Code, Collapse, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";

/** `firstRun`: nobody has been here yet, so the owner's link is what is needed. */
export function NoAccount({ firstRun }: { firstRun: boolean }) {
  const [isOpen, { toggle }] = useDisclosure(firstRun);
  return (
    <Stack gap={6} align="center">
      <Anchor component="button" type="button" size="sm" onClick={toggle} aria-expanded={isOpen} aria-controls="no-account">
        {firstRun ? "First time here?" : "No account, or no password?"}
      </Anchor>
      <Collapse expanded={isOpen} id="no-account">
        <Stack gap={6} ta="center">
          {firstRun ? (
            <Text size="sm" c="dimmed">
              Open the sign-in link that the server printed when it started. It is gone? This prints a new one:
            </Text>
          ) : (
            <Text size="sm" c="dimmed">
              Whoever runs this server makes an account with
              <br />
              <Code>muster admin user create EMAIL</Code>
              <br />
              and a one-time sign-in link, for a new or forgotten password, with
            </Text>
          )}
          <div>
            <Code>muster admin user link {firstRun ? "owner@localhost" : "EMAIL"}</Code>
          </div>
        </Stack>
      </Collapse>
    </Stack>
  );
}
