// The rows that were set aside as a file, with their reasons; corrected, the CSV can be sent back.
import { Button, Group, Text } from "@mantine/core";
import { Download } from "lucide-react";

export function DownloadRejects({ uploadId }: { uploadId: string }) {
  const address = (format: string) => `/api/audience/batch-upload/${encodeURIComponent(uploadId)}/results?part=rejected&format=${format}`;
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed">
        Rows set aside, with reasons:
      </Text>
      {(["csv", "xlsx"] as const).map((format) => (
        <Button key={format} component="a" href={address(format)} download size="compact-sm" variant="default" leftSection={<Download size={14} aria-hidden />} aria-label={`Download rejects as ${format.toUpperCase()}`}>
          {format.toUpperCase()}
        </Button>
      ))}
    </Group>
  );
}
