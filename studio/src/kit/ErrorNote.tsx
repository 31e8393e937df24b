// A failure, said so that the reader can act: the sentence, a retry, its code, and the id that finds it in the request log.
import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { ApiError, UNKNOWN } from "../api/errors";
import { RequestId } from "./RequestId";
import { worded } from "./worded";

interface ErrorNoteProps {
  error: unknown;
  onRetry?: () => void;
}

export function titleOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "This did not work";
  if (error.status === 403) return "You may not see this";
  if (error.status === 404) return "This does not exist";
  if (error.status >= 500) return "The server could not do this";
  return "This did not work";
}

export function ErrorNote({ error, onRetry }: ErrorNoteProps) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <Alert role="alert" color="red" variant="default" icon={<TriangleAlert size={18} color="var(--bad-line)" aria-hidden />} title={titleOf(error)} maw={640}>
      <Stack gap="xs">
        <Text size="sm">{worded(error instanceof Error ? error.message : String(error))}</Text>
        <Group gap="sm">
          {onRetry !== undefined && (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {error instanceof ApiError && error.code !== UNKNOWN && <Code>{error.code}</Code>}
          {requestId !== null && <RequestId id={requestId} />}
        </Group>
      </Stack>
    </Alert>
  );
}
