// Rows that did not make it into the table, and the way to fix them.
import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { Upload } from "../api/tables";
import { plural } from "../kit/format";

export function RejectsNote({ upload }: { upload: Upload }) {
  if (upload.rows_rejected === 0) return null;
  return (
    <Group gap="xs" mb="xs" px="sm" py={6} wrap="nowrap" bg="var(--warn-fill)" style={{ borderRadius: 8, flexShrink: 0 }}>
      <TriangleAlert size={16} color="var(--warn-line)" aria-hidden />
      <Text size="sm" c="var(--warn-text)">
        {plural(upload.rows_rejected, "row")} could not be taken and {upload.rows_rejected === 1 ? "is" : "are"} not in this table.
      </Text>
      <Link to="/uploads/$uploadId/import" params={{ uploadId: upload.upload_id }} search={{ step: "check" }} className="note-link">
        Fix {upload.rows_rejected === 1 ? "it" : "them"}
      </Link>
    </Group>
  );
}
