// How many rows were kept aside, leading to where they are put right.
import { Text } from "@mantine/core";
import { count, plural } from "../kit/format";
import { LinkAnchor } from "../kit/links";
import { hasTable, type UploadView } from "./list";

export function BadRows({ upload, inWords = false }: { upload: UploadView; inWords?: boolean }) {
  const bad = upload.rows_rejected;
  const words = inWords ? plural(bad, "bad row") : count(bad);
  if (bad === 0 || !hasTable(upload)) {
    if (inWords) return null;
    return (
      <Text span size="sm" c="dimmed">
        {bad === 0 && !hasTable(upload) ? "–" : words}
      </Text>
    );
  }
  const label = `${plural(bad, "bad row")} in ${upload.upload_name}: see and fix`;
  const props = { size: "sm", fw: 600, c: "var(--warn-text)", "aria-label": label, title: label } as const;
  return upload.source === "file" ? (
    <LinkAnchor to="/uploads/$uploadId/import" params={{ uploadId: upload.upload_id }} search={{ step: "check" }} {...props}>
      {words}
    </LinkAnchor>
  ) : (
    <LinkAnchor to="/uploads/$uploadId" params={{ uploadId: upload.upload_id }} search={{ view: "issues" }} {...props}>
      {words}
    </LinkAnchor>
  );
}
