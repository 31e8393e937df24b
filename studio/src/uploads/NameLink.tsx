// The name of an upload; it leads to its table, or to what is still to be decided. A failure says why.
import { Text } from "@mantine/core";
import { LinkAnchor } from "../kit/links";
import type { UploadView } from "./list";
import { placeOf } from "./words";

export function NameLink({ upload }: { upload: UploadView }) {
  if (upload.status === "receiving" || upload.status === "deleting") {
    return (
      <Text size="sm" fw={600} className="truncate" title={upload.upload_name}>
        {upload.upload_name}
      </Text>
    );
  }
  const link = (
    <LinkAnchor
      to={placeOf(upload) === "table" ? "/uploads/$uploadId" : "/uploads/$uploadId/import"}
      params={{ uploadId: upload.upload_id }}
      size="sm"
      fw={600}
      c="inherit"
      className="truncate"
      display="block"
      title={upload.upload_name}
    >
      {upload.upload_name}
    </LinkAnchor>
  );
  if (upload.status !== "failed" || !upload.status_reason) return link;
  return (
    <>
      {link}
      <Text size="xs" c="var(--bad-text)" lineClamp={2}>
        {upload.status_reason}
      </Text>
    </>
  );
}
