// How many this segment shares with another one: numbers, and two bars that lie over each other as far as they agree.
import { Group, NativeSelect, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, percent } from "../../kit/format";
import type { CompareBy, Compared, Segment } from "../model";
import { compareQuery, NEWEST_FIRST, segmentQuery, segmentsQuery } from "../queries";
import classes from "../segments.module.css";
import own from "./one.module.css";

const ROW: { value: CompareBy; label: string; unit: string } = { value: "row", label: "The same row", unit: "rows" };
const BYS: readonly (typeof ROW)[] = [
  ROW,
  { value: "email", label: "The same e-mail address", unit: "e-mail addresses" },
  { value: "phone", label: "The same telephone number", unit: "telephone numbers" },
  { value: "domain_name", label: "The same domain and name", unit: "people by domain and name" },
];

export function Overlap({ segment }: { segment: Segment }) {
  const { with: other = "", by } = useSearch({ strict: false });
  const navigate = useNavigate();
  const chosen = BYS.find(({ value }) => value === by) ?? ROW;
  const change = (search: { with?: string | undefined; by?: string | undefined }) =>
    void navigate({ to: ".", search: (before: Record<string, string | undefined>) => ({ ...before, ...search }), replace: true, resetScroll: false });
  const compared = useQuery({ ...compareQuery(segment.id, other, chosen.value), enabled: other !== "" });
  return (
    <Stack gap="md" maw={820}>
      <Group gap="md" align="flex-end">
        <OtherSegment segment={segment} other={other} onChange={(id) => change({ with: id ?? undefined })} />
        <NativeSelect label="What makes two members one" data={BYS.map(({ value, label }) => ({ value, label }))} value={chosen.value} onChange={(event) => change({ by: event.currentTarget.value === "row" ? undefined : event.currentTarget.value })} />
      </Group>
      {other === "" && (
        <Text size="sm" c="dimmed">
          Choose a segment to see how many are in both, and how many in one of them alone.
        </Text>
      )}
      {compared.error !== null && <ErrorNote error={compared.error} onRetry={() => void compared.refetch()} />}
      {other !== "" && compared.isPending && <Skeleton height={170} />}
      {compared.data !== undefined && <Result found={compared.data} unit={chosen.unit} />}
    </Stack>
  );
}

function OtherSegment({ segment, other, onChange }: { segment: Segment; other: string; onChange: (id: string | null) => void }) {
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed, 300);
  const list = useInfiniteQuery({ ...segmentsQuery({ q: q.trim(), tag: "", kind: "", uploadId: "", sort: NEWEST_FIRST }), placeholderData: (before) => before });
  const named = useQuery({ ...segmentQuery(other), enabled: other !== "" });
  const listed = (list.data?.pages.flatMap((page) => page.segments) ?? []).filter(({ id }) => id !== segment.id).map(({ id, name }) => ({ value: id, label: name }));
  const all = named.data === undefined || listed.some(({ value }) => value === other) ? listed : [...listed, { value: other, label: named.data.name }];
  const isNone = list.isSuccess && typed === "" && all.length === 0;
  return (
    <Select
      label="With"
      placeholder={isNone ? "There is no other segment yet" : "Choose a segment"}
      disabled={isNone}
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Choose none" }}
      data={all}
      value={other === "" || !all.some(({ value }) => value === other) ? null : other}
      onChange={onChange}
      onSearchChange={(text) => setTyped(all.some(({ label }) => label === text) ? "" : text)}
      nothingFoundMessage="No such segment"
      style={{ flex: "1 1 260px", maxWidth: 420 }}
    />
  );
}

function Result({ found, unit }: { found: Compared; unit: string }) {
  const { a, b, both, only_a, only_b, a_without, b_without } = found;
  const all = Math.max(1, both + only_a + only_b);
  const at = (number: number) => `${(100 * number) / all}%`;
  const without = [...(a_without > 0 ? [`${count(a_without)} of ${a.name}`] : []), ...(b_without > 0 ? [`${count(b_without)} of ${b.name}`] : [])];
  return (
    <section aria-label={`${a.name} and ${b.name}`}>
      <dl className={`${classes.numbers} ${classes.three}`}>
        <Number title="In both" number={both} note={`${percent(both, both + only_a)} of ${a.name}, ${percent(both, both + only_b)} of ${b.name}`} />
        <Number title={`Only in ${a.name}`} number={only_a} note={`of ${count(both + only_a)} ${unit}`} />
        <Number title={`Only in ${b.name}`} number={only_b} note={`of ${count(both + only_b)} ${unit}`} />
      </dl>
      <div className={own.overlap} role="img" aria-label={`${count(both)} ${unit} in both, ${count(only_a)} only in ${a.name}, ${count(only_b)} only in ${b.name}`}>
        <span className={own.laneName} aria-hidden>
          {a.name}
        </span>
        <div className={own.lane} aria-hidden>
          <span style={{ left: 0, width: at(only_a) }} />
          <span data-both style={{ left: at(only_a), width: at(both) }} />
        </div>
        <div className={own.lane} aria-hidden>
          <span data-both style={{ left: at(only_a), width: at(both) }} />
          <span style={{ left: at(only_a + both), width: at(only_b) }} />
        </div>
        <span className={own.laneName} aria-hidden>
          {b.name}
        </span>
      </div>
      <Text size="xs" c="dimmed" mt={6}>
        Counted in {unit}.{without.length > 0 && ` Members without one are not counted: ${without.join(" and ")}.`}
      </Text>
    </section>
  );
}

function Number({ title, number, note }: { title: string; number: number; note: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {count(number)}
        <small>{note}</small>
      </dd>
    </div>
  );
}
