// Narrows the request log: by outcome, method, path and sender; all of it stands in the address.
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { SearchText } from "../app/search";
import { keysQuery } from "./queries";
import classes from "./RequestFilters.module.css";

const TYPING_MS = 300;
const STATUSES = [
  { value: "", label: "Any status" },
  { value: "2xx", label: "2xx, worked" },
  { value: "3xx", label: "3xx, unchanged or moved" },
  { value: "4xx", label: "4xx, refused" },
  { value: "5xx", label: "5xx, server failed" },
];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

interface RequestFiltersProps {
  filters: SearchText;
  onChange: (changed: SearchText) => void;
  onClear: () => void;
}

export function RequestFilters({ filters, onChange, onClear }: RequestFiltersProps) {
  const { data } = useInfiniteQuery(keysQuery);
  const keys = data?.pages.flatMap((page) => page.keys) ?? [];
  const { status = "", key_id: keyId, via } = filters;
  const statuses = status === "" || STATUSES.some(({ value }) => value === status) ? STATUSES : [...STATUSES, { value: status, label: status }];
  const sender = keyId !== undefined ? `key:${keyId}` : via !== undefined ? `via:${via}` : "";
  const senders = [
    { value: "", label: "Sent by anything" },
    { value: "via:key", label: "Any API key" },
    { value: "via:session", label: "Studio" },
    ...keys.map((key) => ({ value: `key:${key.id}`, label: key.state === "active" ? key.name : `${key.name} (${key.state})` })),
  ];
  if (!senders.some(({ value }) => value === sender)) senders.push({ value: sender, label: keyId ?? via ?? "" });
  return (
    <div className={classes.filters} role="search" aria-label="Narrow the request log">
      <NativeSelect aria-label="Status" data={statuses} value={status} onChange={(event) => onChange({ status: event.currentTarget.value })} />
      <NativeSelect
        aria-label="Method"
        data={[{ value: "", label: "Any method" }, ...METHODS]}
        value={filters.method ?? ""}
        onChange={(event) => onChange({ method: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label="Sender"
        data={senders}
        value={sender}
        onChange={(event) => {
          const [kind, value] = event.currentTarget.value.split(":");
          onChange({ key_id: kind === "key" ? value : undefined, via: kind === "via" ? value : undefined });
        }}
      />
      <TypedFilter label="Path contains" value={filters.path ?? ""} onChange={(path) => onChange({ path })} />
      <TypedFilter label="Request id" value={filters.request_id ?? ""} onChange={(requestId) => onChange({ request_id: requestId })} />
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}

interface TypedFilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A text that counts once the typing pauses. */
function TypedFilter({ label, value, onChange }: TypedFilterProps) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useDebouncedCallback((text: string) => {
    told.current = text;
    onChange(text);
  }, TYPING_MS);
  useEffect(() => {
    // Changed from outside, by Clear or by going back: the field follows.
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
      spellCheck={false}
      autoComplete="off"
    />
  );
}
