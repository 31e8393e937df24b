// Names people or rows to add or to leave out; several at once, one a line.
import { Button, Group, NativeSelect, NumberInput, Paper, SegmentedControl, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { tell } from "../../kit/toast";
import { worded } from "../../kit/worded";
import { changeMembers } from "../actions";
import type { Entry, Segment } from "../model";

type By = "email" | "phone" | "name" | "row";

interface Draft {
  by: By;
  lines: string;
  domain: string;
  name: string;
  uploadId: string;
  /** From 1, as people see it. */
  row: number | null;
}

const BYS: readonly { value: By; label: string }[] = [
  { value: "email", label: "E-mail address" },
  { value: "phone", label: "Telephone number" },
  { value: "name", label: "Domain and name" },
  { value: "row", label: "One row" },
];

export function AddByHand({ segment }: { segment: Segment }) {
  const [draft, setDraft] = useState<Draft>({ by: "email", lines: "", domain: "", name: "", uploadId: segment.uploads[0]?.upload_id ?? "", row: null });
  const [list, setList] = useState<"include" | "exclude">("include");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (part: Partial<Draft>) => {
    setError(null);
    setDraft((before) => ({ ...before, ...part }));
  };
  const entries = entriesOf(draft);
  const add = async () => {
    setBusy(true);
    setError(null);
    try {
      await changeMembers(segment.id, { [list]: entries });
      tell(`${plural(entries.length, "entry", "entries")} ${list === "include" ? "added" : "left out"}${segment.kind === "snapshot" ? ", from the next refresh on" : ""}`);
      change({ lines: "", domain: "", name: "", row: null });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const wrong = error instanceof ApiError ? error.issues.slice(0, MOST_TOLD) : [];
  return (
    <Paper
      withBorder
      p="md"
      component="form"
      aria-label="Add or leave out by hand"
      onSubmit={(event) => {
        event.preventDefault();
        if (entries.length > 0 && !isBusy) void add();
      }}
    >
      <Stack gap="sm">
        <Group gap="md" align="flex-end">
          <NativeSelect label="Named by" data={[...BYS]} value={draft.by} onChange={(event) => change({ by: BYS.find(({ value }) => value === event.currentTarget.value)?.value ?? "email" })} />
          <SegmentedControl
            aria-label="What to do"
            value={list}
            onChange={(value) => setList(value === "exclude" ? "exclude" : "include")}
            data={[
              { value: "include", label: "Add" },
              { value: "exclude", label: "Leave out" },
            ]}
          />
        </Group>
        <Named draft={draft} segment={segment} onChange={change} />
        {wrong.map(({ message, pointer }) => (
          <Text key={pointer} size="sm" c="var(--bad-text)" role="alert">
            {lineOf(pointer, entries)}
            {worded(message)}
          </Text>
        ))}
        {error !== null && wrong.length === 0 && <ErrorNote error={error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={isBusy} disabled={entries.length === 0}>
            {list === "include" ? "Add" : "Leave out"}
            {entries.length > 1 && ` ${plural(entries.length, "entry", "entries")}`}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

const MOST_TOLD = 5;

/** Which of several lines a refusal speaks of. */
function lineOf(pointer: string, entries: readonly Entry[]): string {
  const at = /^\/(?:include|exclude)\/(\d+)/.exec(pointer)?.[1];
  const entry = at === undefined ? undefined : entries[Number(at)];
  const named = entry?.email ?? entry?.phone;
  return named === undefined ? "" : `${named}: `;
}

function entriesOf({ by, lines, domain, name, uploadId, row }: Draft): Entry[] {
  if (by === "row") return row === null || uploadId === "" ? [] : [{ upload_id: uploadId, row: row - 1 }];
  if (by === "name") return domain.trim() === "" || name.trim() === "" ? [] : [{ domain: domain.trim(), name: name.trim() }];
  const texts = lines.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  return texts.map((text) => (by === "email" ? { email: text } : { phone: text }));
}

function Named({ draft, segment, onChange }: { draft: Draft; segment: Segment; onChange: (part: Partial<Draft>) => void }) {
  if (draft.by === "email" || draft.by === "phone") {
    const isEmail = draft.by === "email";
    return (
      <Textarea
        label={isEmail ? "E-mail addresses, one a line" : "Telephone numbers with country code, one a line"}
        placeholder={isEmail ? "ada@example.com" : "+49 30 901820"}
        autosize
        minRows={2}
        maxRows={8}
        value={draft.lines}
        onChange={(event) => onChange({ lines: event.currentTarget.value })}
        spellCheck={false}
      />
    );
  }
  if (draft.by === "name") {
    return (
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label="Domain" placeholder="example.org" value={draft.domain} onChange={(event) => onChange({ domain: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
        <TextInput label="Name" placeholder="Ada Lovelace" value={draft.name} onChange={(event) => onChange({ name: event.currentTarget.value })} autoComplete="off" />
      </SimpleGrid>
    );
  }
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <NativeSelect label="Upload" data={segment.uploads.map(({ upload_id, upload_name }) => ({ value: upload_id, label: upload_name }))} value={draft.uploadId} onChange={(event) => onChange({ uploadId: event.currentTarget.value })} />
      <NumberInput label="Row" description="As the table numbers it" min={1} allowDecimal={false} value={draft.row ?? ""} onChange={(row) => onChange({ row: typeof row === "number" ? row : null })} hideControls />
    </SimpleGrid>
  );
}
