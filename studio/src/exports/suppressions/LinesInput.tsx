// Where the lines come from: typed and pasted, or one column of a file that is read here and sent nowhere as a file.
import { Button, FileButton, Group, NativeSelect, Paper, Stack, Text, Textarea } from "@mantine/core";
import { FileText, X } from "lucide-react";
import { useRef, useState } from "react";
import { bytes, plural } from "../../kit/format";
import { linesIn, rowsOf, type Sheet, sheetOf, textOf } from "./lines";

const MOST_BYTES = 50_000_000;
const TEXT_FILES = ".csv,.txt,.tsv,text/csv,text/plain,text/tab-separated-values";

export interface Source {
  text: string;
  file: { name: string; sheet: Sheet; column: number } | null;
}

interface LinesInputProps {
  source: Source;
  onChange: (source: Source) => void;
}

export function LinesInput({ source, onChange }: LinesInputProps) {
  const reset = useRef<() => void>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const read = async (file: File | null) => {
    if (file === null) return;
    reset.current?.(); // so that the same file can be chosen again
    const found = await sheetIn(file);
    setRefused(typeof found === "string" ? found : null);
    if (typeof found !== "string") onChange({ ...source, file: { name: file.name, sheet: found, column: found.likely } });
  };
  const { file } = source;
  return (
    <Stack gap="sm">
      {file === null ? (
        <Textarea
          label="E-mail addresses, phone numbers or domains"
          description="One a line. A domain covers every address there and its subdomains."
          placeholder={"ada@example.com\n+44 113 496 0987\nexample.org"}
          value={source.text}
          onChange={(event) => onChange({ ...source, text: event.currentTarget.value })}
          minRows={8}
          maxRows={16}
          autosize
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
      ) : (
        <Paper withBorder p="sm">
          <Group justify="space-between" wrap="nowrap">
            <Group gap={8} wrap="nowrap" style={{ minWidth: 0 }}>
              <FileText size={16} aria-hidden style={{ flexShrink: 0 }} />
              <Text size="sm" fw={600} className="truncate" title={file.name}>
                {file.name}
              </Text>
            </Group>
            <Button size="compact-sm" variant="subtle" color="gray" leftSection={<X size={14} aria-hidden />} onClick={() => onChange({ ...source, file: null })}>
              Take it away
            </Button>
          </Group>
          <Text size="sm" c="dimmed" mt={4}>
            {plural(linesIn(file.sheet, file.column).length, "filled line")}
            {file.sheet.heading !== null && `; line ${file.sheet.heading.number} is the heading`}
          </Text>
          {file.sheet.columns.length > 1 && (
            <NativeSelect
              mt="sm"
              label="Column"
              data={file.sheet.columns.map((label, at) => ({ value: String(at), label }))}
              value={String(file.column)}
              onChange={(event) => onChange({ ...source, file: { ...file, column: Number(event.currentTarget.value) } })}
            />
          )}
        </Paper>
      )}
      {refused !== null && (
        <Text size="sm" c="var(--bad-text)" role="alert">
          {refused}
        </Text>
      )}
      <Group>
        <FileButton accept={TEXT_FILES} resetRef={reset} inputProps={{ "aria-label": "File with people" }} onChange={(chosen) => void read(chosen)}>
          {(props) => (
            <Button variant="default" size="xs" {...props}>
              {file === null ? "Take them from a file" : "Another file"}
            </Button>
          )}
        </FileButton>
        <Text size="xs" c="dimmed">
          CSV or text
        </Text>
      </Group>
    </Stack>
  );
}

/** Or why it cannot be used. */
async function sheetIn(file: File): Promise<Sheet | string> {
  if (file.size > MOST_BYTES) return `“${file.name}” is larger than ${bytes(MOST_BYTES)}. Split it, or use the API.`;
  const text = textOf(new Uint8Array(await file.arrayBuffer()));
  if (text === null) return `“${file.name}” is no text. Save a workbook as CSV, and unpack what is packed.`;
  const sheet = sheetOf(rowsOf(text));
  return sheet.rows.length === 0 ? `“${file.name}” is empty.` : sheet;
}
