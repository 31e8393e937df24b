// The server cannot match yet: the part that does is not installed. Says how to get it, in the server's own words.
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { PackagePlus } from "lucide-react";
import type { ApiError } from "../../api/errors";
import { CodeBlock } from "../../kit/CodeBlock";
import { RequestId } from "../../kit/RequestId";
import { worded } from "../../kit/worded";

export function MissingExtra({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const command = error.message.split("`").find((part) => part.startsWith("pip "));
  return (
    <Alert role="alert" variant="default" color="yellow" icon={<PackagePlus size={18} color="var(--warn-line)" aria-hidden />} title="This server cannot find probable matches yet" styles={{ body: { minWidth: 0 } }}>
      <Stack gap="xs" style={{ minWidth: 0 }}>
        <Text size="sm">{worded(error.message)}</Text>
        {command !== undefined && <CodeBlock code={command} label="Command that installs it" />}
        <Text size="sm">What you chose stays in the address of this page: keep it, or send it to whoever runs the server. Duplicates that agree exactly are found without it.</Text>
        <Group gap="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            It is installed, try again
          </Button>
          {error.requestId !== null && <RequestId id={error.requestId} />}
        </Group>
      </Stack>
    </Alert>
  );
}
