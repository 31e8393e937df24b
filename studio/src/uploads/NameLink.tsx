// The name of an upload; it leads to its table, or to what is still to be decided.
import { Text } from "@mantine/core";
import { LinkAnchor } from "./links";
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
  return (
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
}
