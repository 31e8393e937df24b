// The first visit: both ways in, side by side.
import { Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { CloudUpload, Terminal } from "lucide-react";
import { ChooseFiles } from "./ChooseFiles";
import { CurlBox } from "./CurlBox";
import { ACCEPTED_IN_WORDS } from "./queue/accept";
import styles from "./uploads.module.css";

export function EmptyUploads({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  return (
    <>
      <Text c="dimmed" mb="md" maw={640}>
        Bring your contacts in. You see what is wrong with them before anything is used, and no row is lost.
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Paper component="section" className={styles.dashed ?? ""} p="lg" aria-labelledby="by-file">
          <Stack align="center" justify="center" gap="sm" ta="center" h="100%">
            <CloudUpload size={40} aria-hidden color="var(--accent)" />
            <Title order={2} id="by-file">
              Drop a file anywhere
            </Title>
            <Text size="sm" c="dimmed" maw={360}>
              {ACCEPTED_IN_WORDS}. Or paste cells copied in a spreadsheet.
            </Text>
            <ChooseFiles label="Choose files" onFiles={onFiles} />
          </Stack>
        </Paper>
        <Paper component="section" withBorder p="lg" aria-labelledby="by-api">
          <Stack gap="sm">
            <Title order={2} id="by-api" className={styles.withIcon ?? ""}>
              <Terminal size={18} aria-hidden /> Or call the API
            </Title>
            <Text size="sm" c="dimmed">
              Your systems send records as JSON; they appear here at once.
            </Text>
            <CurlBox />
          </Stack>
        </Paper>
      </SimpleGrid>
    </>
  );
}
