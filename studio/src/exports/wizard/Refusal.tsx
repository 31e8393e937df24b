// A refusal of the server, each of its mistakes with the way to the step where it can be mended.
import { Button, Stack, Text } from "@mantine/core";
import { ApiError } from "../../api/errors";
import { ErrorNote } from "../../kit/ErrorNote";
import { worded } from "../../kit/worded";
import type { Step } from "./address";

interface RefusalProps {
  error: unknown;
  onRetry?: () => void;
  onGo: (step: Step) => void;
}

export function Refusal({ error, onRetry, onGo }: RefusalProps) {
  const issues = error instanceof ApiError ? error.issues : [];
  return (
    <Stack gap="xs">
      <ErrorNote error={error} {...(onRetry === undefined ? {} : { onRetry })} />
      {issues.map(({ pointer, message }) => {
        const step = stepOf(pointer);
        return (
          <Text key={pointer + message} size="sm">
            {worded(message)}{" "}
            {step !== null && (
              <Button size="compact-xs" variant="subtle" onClick={() => onGo(step)}>
                Change it
              </Button>
            )}
          </Text>
        );
      })}
    </Stack>
  );
}

const STEP_OF: [begins: RegExp, step: Step][] = [
  [/^\/(export\/)?(filter|segment_id|upload_id)/, "rows"],
  [/^\/(export\/)?(settings|connection|destination|format|options|hashing)/, "where"],
  [/^\/(export\/)?columns/, "columns"],
  [/^\/(export\/)?consent/, "people"],
];

/** Where a mistake can be mended; null where that is the step it is shown in. */
export const stepOf = (pointer: string) => STEP_OF.find(([begins]) => begins.test(pointer))?.[1] ?? null;
