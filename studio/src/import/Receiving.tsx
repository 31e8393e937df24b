// The file is still on its way; the wizard goes on by itself when it is complete.
import { Loader, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Upload } from "./queries";

export function Receiving({ upload }: { upload: Upload }) {
  return (
    <Stack align="center" gap="sm" py={64} ta="center" role="status">
      <Loader aria-hidden />
      <Title order={2}>Waiting for the rest of “{upload.upload_name}”</Title>
      <Text c="dimmed" maw={480}>
        The file is still being uploaded. This page goes on by itself when it is complete. If the upload was interrupted, drop the same file on{" "}
        <Link to="/uploads">your uploads</Link> to continue it.
      </Text>
    </Stack>
  );
}
