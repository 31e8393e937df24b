// Rows that did not simply leave, one by one: refused, left out, or without a cell. Which of them stands in the address.
import { Badge, Button, Group, SegmentedControl, Skeleton, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, X } from "lucide-react";
import { useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { saveBlob } from "../../kit/saveBlob";
import { tellError } from "../../kit/toast";
import classes from "../exports.module.css";
import type { Export, Outcome, Outcomes } from "../model";
import { isMoving, type OutcomeFilter, outcomesFile, outcomesQuery } from "../queries";
import { reasonWords, unhashedWords } from "../words";

export function OutcomeRows({ one }: { one: Export }) {
  const search = useSearch({ strict: false });
  const navigate = useNavigate({ from: "/exports/$exportId" });
  const kinds = kindsOf(one);
  const [first] = kinds;
  if (first === undefined || isMoving(one)) return null;
  const filter: OutcomeFilter = { outcome: (kinds.find(({ value }) => value === search.outcome) ?? first).value, code: search.code ?? "" };
  const show = (outcome: string) => void navigate({ search: { outcome, code: undefined }, replace: true, resetScroll: false });
  return (
    <section aria-label="Row by row">
      <Title order={2} mb="sm">
        Row by row
      </Title>
      <Group gap="sm" mb="sm">
        {kinds.length > 1 && <SegmentedControl size="xs" aria-label="Which rows" value={filter.outcome} onChange={show} data={kinds} />}
        {filter.code !== "" && (
          <Button size="xs" variant="light" onClick={() => show(filter.outcome)} rightSection={<X size={14} aria-hidden />} aria-label={`Only ${filter.code}: show all`}>
            Only {filter.code}
          </Button>
        )}
        <SaveAll one={one} filter={filter} />
      </Group>
      <Rows key={`${filter.outcome} ${filter.code}`} one={one} filter={filter} />
    </section>
  );
}

function kindsOf(one: Export): { value: Outcomes; label: string }[] {
  const leftOut = one.left_out - (one.reasons["unchanged"] ?? 0);
  return [
    ...(one.failed > 0 ? [{ value: "failed" as const, label: `Refused (${count(one.failed)})` }] : []),
    ...(leftOut > 0 ? [{ value: "left_out" as const, label: `Left out (${count(leftOut)})` }] : []),
    ...(one.unhashed.length > 0 ? [{ value: "written" as const, label: "Without a cell" }] : []),
  ];
}

function Rows({ one, filter }: { one: Export; filter: OutcomeFilter }) {
  const rows = useInfiniteQuery(outcomesQuery(one.export_id, filter, one.dismissed));
  const all = rows.data?.pages.flatMap(({ outcomes }) => outcomes) ?? [];
  const total = rows.data?.pages[0]?.total ?? 0;
  if (rows.isError && all.length === 0) return <ErrorNote error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <Skeleton height={200} aria-busy="true" />;
  if (all.length === 0) return <Text c="dimmed">{filter.outcome === "written" ? "No such row left: it had nothing else to find the person by." : "No row of this kind."}</Text>;
  return (
    <>
      <div className={classes.scroll} role="region" aria-label="Rows and why" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={620} aria-label="Rows">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={120}>Row</Table.Th>
              <Table.Th>Why</Table.Th>
              <Table.Th w={180}>Code</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.map((row, at) => (
              <Table.Tr key={`${at} ${row.position}`}>
                <Table.Th scope="row">
                  <Place row={row} />
                </Table.Th>
                <Table.Td className={classes.cell ?? ""}>
                  {whyWords(row)} {row.dismissed && <Badge variant="default" size="sm">dismissed</Badge>}
                </Table.Td>
                <Table.Td className={classes.cell ?? ""}>
                  <code>{row.code}</code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Group justify="space-between" mt="sm">
        <Text size="sm" c="dimmed" role="status">
          {all.length < total ? `${count(all.length)} of ${count(total)} shown` : `${plural(total, filter.outcome === "written" ? "cell" : "row")} in all`}
        </Text>
        {rows.hasNextPage && (
          <Button variant="default" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            Show more
          </Button>
        )}
      </Group>
    </>
  );
}

function Place({ row }: { row: Outcome }) {
  if (row.upload_id === null || row.row_id === null) return <Text size="sm">one that left</Text>;
  return (
    <LinkAnchor size="sm" to="/uploads/$uploadId" params={{ uploadId: row.upload_id }} search={{ row_id: String(row.row_id), panel: "row" }}>
      row {count(row.row_id + 1)}
    </LinkAnchor>
  );
}

function whyWords({ outcome, code, message, column }: Outcome): string {
  if (outcome === "written") return `${column ?? "A cell"} ${unhashedWords(code ?? "")}`;
  if (outcome === "left_out") return `Left out: ${reasonWords(code ?? "")}`;
  return message ?? "The destination gave no reason.";
}

/** All of them, however many are shown. */
function SaveAll({ one, filter }: { one: Export; filter: OutcomeFilter }) {
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      saveBlob(await outcomesFile(one.export_id, filter), `${one.export_id}.${filter.outcome}.csv`);
    } catch (failure) {
      tellError("The list could not be downloaded", failure);
    }
    setBusy(false);
  };
  return (
    <Button size="xs" variant="default" ml="auto" loading={isBusy} leftSection={<Download size={14} aria-hidden />} onClick={() => void save()}>
      Download this list
    </Button>
  );
}
