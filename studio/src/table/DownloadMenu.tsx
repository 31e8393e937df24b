// The table or its rejects as files, and the way to every other place rows can go. Text that a spreadsheet would run
// as a formula is made harmless.
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download, Send } from "lucide-react";
import type { Upload } from "../api/tables";
import { meQuery } from "../app/session";
import { count } from "../kit/format";
import { LinkItem } from "../kit/links";
import { mayExport } from "./rights";

const FORMATS = [
  { format: "csv", label: "CSV" },
  { format: "xlsx", label: "Excel" },
  { format: "ndjson", label: "JSON lines" },
  { format: "parquet", label: "Parquet" },
];

function address(uploadId: string, part: string, format: string): string {
  return `/api/audience/batch-upload/${encodeURIComponent(uploadId)}/results?part=${part}&format=${format}&formula_safe=true`;
}

/** filter: of the rows that are shown, as an address has it. */
export function DownloadMenu({ upload, filter }: { upload: Upload; filter: string | undefined }) {
  const { data: me } = useQuery(meQuery);
  const parts = [
    { part: "accepted", label: `All ${count(upload.rows_accepted)} rows` },
    ...(upload.rows_rejected > 0 ? [{ part: "rejected", label: `${count(upload.rows_rejected)} rejected rows, with reasons` }] : []),
  ];
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<Download size={14} aria-hidden />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {parts.map(({ part, label }) => (
          <div key={part} role="group" aria-label={label}>
            <Menu.Label>{label}</Menu.Label>
            {FORMATS.map((kind) => (
              <Menu.Item key={kind.format} component="a" href={address(upload.upload_id, part, kind.format)} download>
                {kind.label}
              </Menu.Item>
            ))}
          </div>
        ))}
        {me !== undefined && mayExport(me) && (
          <div role="group" aria-label="More">
            <Menu.Divider />
            <LinkItem to="/exports/new" search={{ upload: upload.upload_id, filter }} leftSection={<Send size={14} aria-hidden />}>
              {filter === undefined ? "Export the rows…" : "Export the rows shown…"}
            </LinkItem>
          </div>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
