// Search, tag, kind, upload and order above the list; all of it stands in the address.
import { Button, CloseButton, Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Segment } from "../model";
import type { ListWish } from "../queries";
import { KINDS } from "../words";
import { isNarrowed, SORTS } from "./address";

const TYPING_MS = 300;

interface SegmentFiltersProps {
  wish: ListWish;
  /** Segments that are listed; their tags and uploads are offered. */
  known: readonly Segment[];
  onChange: (changes: Partial<ListWish>) => void;
}

export function SegmentFilters({ wish, known, onChange }: SegmentFiltersProps) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(wish.q);
  const apply = useDebouncedCallback((q: string) => onChange({ q: q.trim() }), TYPING_MS);
  // The address can change from outside: back, a link, "clear the filters".
  useEffect(() => setTyped((text) => (text.trim() === wish.q ? text : wish.q)), [wish.q]);
  useHotkeys([["/", () => field.current?.focus()]]);
  const type = (text: string) => {
    setTyped(text);
    apply(text);
  };
  const tags = [...new Set([...known.flatMap((segment) => segment.tags), ...(wish.tag === "" ? [] : [wish.tag])])].sort();
  const uploads = new Map(known.flatMap((segment) => segment.uploads.map(({ upload_id, upload_name }) => [upload_id, upload_name] as const)));
  if (wish.uploadId !== "" && !uploads.has(wish.uploadId)) uploads.set(wish.uploadId, "One upload");
  return (
    <Group gap="xs" mb="sm" role="search" aria-label="Segments">
      <TextInput
        ref={field}
        aria-label="Search segments by name"
        placeholder="Search by name"
        leftSection={<Search size={16} aria-hidden />}
        rightSection={typed === "" ? null : <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
        value={typed}
        maxLength={200}
        onChange={(event) => type(event.currentTarget.value)}
        w={{ base: "100%", xs: 240 }}
      />
      <NativeSelect aria-label="Tag" data={[{ value: "", label: "Any tag" }, ...tags.map((tag) => ({ value: tag, label: tag }))]} value={wish.tag} maw={200} onChange={(event) => onChange({ tag: event.currentTarget.value })} />
      <NativeSelect aria-label="Kind" data={[{ value: "", label: "Live and snapshots" }, ...KINDS.map(({ value, label }) => ({ value, label }))]} value={wish.kind} onChange={(event) => onChange({ kind: event.currentTarget.value })} />
      <NativeSelect
        aria-label="Upload"
        maw={220}
        data={[{ value: "", label: "Any upload" }, ...[...uploads].map(([value, label]) => ({ value, label }))]}
        value={wish.uploadId}
        onChange={(event) => onChange({ uploadId: event.currentTarget.value })}
      />
      <NativeSelect aria-label="Order" data={[...SORTS]} value={wish.sort} onChange={(event) => onChange({ sort: event.currentTarget.value })} />
      {isNarrowed(wish) && (
        <Button variant="subtle" color="gray" onClick={() => onChange({ q: "", tag: "", kind: "", uploadId: "" })}>
          Clear
        </Button>
      )}
    </Group>
  );
}
