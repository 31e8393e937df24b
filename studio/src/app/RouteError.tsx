// What is shown when a page cannot be shown at all: the reason, and a way to try again.
import { Center } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { ErrorNote } from "../kit/ErrorNote";

export function RouteError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <Center mih="60vh" p="md" component="main">
      <ErrorNote error={error} onRetry={() => void router.invalidate()} />
    </Center>
  );
}
