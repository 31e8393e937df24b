// Why a row or a person is in or not: found by what one knows of them, answered condition by condition.
import { Button, Group, NativeSelect, NumberInput, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import type { Segment } from "../model";
import { Explanation } from "./Explanation";
import { FoundRows } from "./FoundRows";

export function Why({ segment }: { segment: Segment }) {
  const { who = "", upload, row } = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (search: { who?: string | undefined; upload?: string | undefined; row?: string | undefined }) =>
    void navigate({ to: ".", search: (before: Record<string, string | undefined>) => ({ ...before, ...search }), resetScroll: false });
  const uploadId = segment.uploads.some(({ upload_id }) => upload_id === upload) ? (upload ?? "") : (segment.uploads[0]?.upload_id ?? "");
  const number = Number(row);
  const place = Number.isSafeInteger(number) && number > 0 ? number : null;
  return (
    <Stack gap="md" maw={820}>
      <Text size="sm" c="dimmed">
        Somebody is missing, or is in and should not be? Find them by anything their row holds, or name the row.
      </Text>
      <Ask segment={segment} who={who} uploadId={uploadId} row={place} onFind={(text) => change({ who: text || undefined, upload: undefined, row: undefined })} onRow={(id, at) => change({ who: undefined, upload: id, row: String(at) })} />
      {who !== "" && <FoundRows segment={segment} text={who} chosen={place === null ? null : { uploadId, row: place }} onChoose={(id, at) => change({ upload: id, row: String(at) })} />}
      {place !== null && uploadId !== "" && <Explanation segment={segment} uploadId={uploadId} row={place - 1} />}
    </Stack>
  );
}

interface AskProps {
  segment: Segment;
  who: string;
  uploadId: string;
  row: number | null;
  onFind: (text: string) => void;
  onRow: (uploadId: string, row: number) => void;
}

function Ask({ segment, who, uploadId, row, onFind, onRow }: AskProps) {
  const [text, setText] = useState(who);
  const [upload, setUpload] = useState(uploadId);
  const [number, setNumber] = useState<number | null>(row);
  useEffect(() => setText(who), [who]);
  useEffect(() => setNumber(row), [row]);
  useEffect(() => setUpload(uploadId), [uploadId]);
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <form
          aria-label="Find a person"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== "") onFind(text.trim());
          }}
        >
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <TextInput label="E-mail, telephone, name or anything else" placeholder="ada@example.com" value={text} onChange={(event) => setText(event.currentTarget.value)} style={{ flex: 1, minWidth: 0 }} autoComplete="off" spellCheck={false} />
            <Button type="submit" variant="default" leftSection={<Search size={16} aria-hidden />} disabled={text.trim() === ""}>
              Find
            </Button>
          </Group>
        </form>
        <form
          aria-label="Name a row"
          onSubmit={(event) => {
            event.preventDefault();
            if (number !== null) onRow(upload, number);
          }}
        >
          <Group gap="xs" align="flex-end">
            {segment.uploads.length > 1 && <NativeSelect label="Or a row of" data={segment.uploads.map(({ upload_id, upload_name }) => ({ value: upload_id, label: upload_name }))} value={upload} onChange={(event) => setUpload(event.currentTarget.value)} maw={260} />}
            <NumberInput label={segment.uploads.length > 1 ? "Row" : "Or a row of the table"} min={1} allowDecimal={false} value={number ?? ""} onChange={(value) => setNumber(typeof value === "number" ? value : null)} hideControls w={180} />
            <Button type="submit" variant="default" disabled={number === null}>
              Ask why
            </Button>
          </Group>
        </form>
      </Stack>
    </Paper>
  );
}
