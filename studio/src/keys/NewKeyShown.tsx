// The one moment a key can be read: the key, a copy button, and a command that works at once.
import { Alert, Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { ShieldAlert } from "lucide-react";
import { CodeBlock } from "../kit/CodeBlock";
import { CopyButton } from "../kit/CopyButton";
import { curlOfFirstBatch, curlOfList } from "./curl";
import type { ApiKey } from "./queries";
import classes from "./NewKeyShown.module.css";

interface NewKeyShownProps {
  text: string;
  apiKey: ApiKey;
  onClose: () => void;
}

export function NewKeyShown({ text, apiKey, onClose }: NewKeyShownProps) {
  const origin = window.location.origin;
  const command = apiKey.scopes.includes("uploads:write") ? curlOfFirstBatch(origin, text) : curlOfList(origin, text);
  return (
    // Only its own button closes it: a stray click or Escape must not lose the key.
    <Modal opened onClose={onClose} title={`Key “${apiKey.name}” is ready`} size="lg" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <Stack gap="md">
        <Alert variant="default" icon={<ShieldAlert size={18} color="var(--warn-line)" aria-hidden />} title="Copy it now: it is not shown again">
          Keep it where you keep passwords. Whoever has it can do what it may do.
        </Alert>
        <Group wrap="nowrap" gap="xs" className={classes.secret}>
          <Text ff="monospace" size="xs" className={classes.text} tabIndex={0} role="region" aria-label="The new API key" data-autofocus>
            {text}
          </Text>
          <CopyButton value={text} label="Copy key" />
        </Group>
        <div>
          <Title order={3} mb={6}>
            Try it
          </Title>
          <CodeBlock code={command} label="A command that uses the key" />
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
