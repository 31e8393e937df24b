// Rows of the segment's uploads that hold a text; one of them is asked about.
import { Skeleton, Text, UnstyledButton } from "@mantine/core";
import { queryOptions, useQueries } from "@tanstack/react-query";
import { useEffect } from "react";
import { answer, api } from "../../api/client";
import { searchFor } from "../../filter/ast";
import { kindOf } from "../../filter/words";
import { askRows, rowsOf } from "../../grid/askRows";
import type { Row } from "../../grid/model";
import { ErrorNote } from "../../kit/ErrorNote";
import type { Segment } from "../model";
import classes from "../segments.module.css";
import { rowWords } from "../words";
import own from "./one.module.css";

const MOST = 10;
const SHOWN_VALUES = 5;

const foundQuery = (uploadId: string, text: string) =>
  queryOptions({
    queryKey: ["upload", uploadId, "find", text],
    queryFn: async ({ signal }): Promise<Row[]> => {
      const params = { path: { upload_id: uploadId } };
      const profile = await answer(api.GET("/api/audience/batch-upload/{upload_id}/profile", { params, signal }));
      const filter = searchFor(text, profile.columns.filter(({ type }) => kindOf(type) === "text").map(({ name }) => name));
      if (filter === null) return [];
      return rowsOf(await askRows({ uploadId, filter, sort: [], columns: null, view: "all" }, { offset: 0, limit: MOST, signal }));
    },
  });

interface FoundRowsProps {
  segment: Segment;
  text: string;
  /** row: from 1. */
  chosen: { uploadId: string; row: number } | null;
  onChoose: (uploadId: string, row: number) => void;
}

export function FoundRows({ segment, text, chosen, onChoose }: FoundRowsProps) {
  const asked = useQueries({ queries: segment.uploads.map(({ upload_id }) => foundQuery(upload_id, text)) });
  const isPending = asked.some((query) => query.isPending);
  const error = asked.find((query) => query.error !== null)?.error ?? null;
  const found = asked.flatMap(({ data }, at) => {
    const upload = segment.uploads[at];
    return upload === undefined ? [] : (data ?? []).map((row) => ({ upload, row }));
  });
  const [only, ...others] = found;
  const isOnly = !isPending && only !== undefined && others.length === 0 && chosen === null;
  useEffect(() => {
    if (isOnly) onChoose(only.upload.upload_id, only.row.id + 1);
    // Once, when the one answer is there.
  }, [isOnly]);
  if (isPending) return <Skeleton height={80} />;
  if (error !== null) return <ErrorNote error={error} onRetry={() => asked.forEach((query) => void query.refetch())} />;
  if (found.length === 0) {
    return (
      <Text size="sm" role="status">
        No row of {segment.uploads.length === 1 ? "its upload" : "its uploads"} holds “{text}”, so nobody of that kind can be in.
      </Text>
    );
  }
  return (
    <section aria-label={`Rows that hold ${text}`}>
      <Text size="sm" mb={6} role="status">
        {found.length >= MOST ? `The first rows that hold “${text}”:` : found.length === 1 ? `One row holds “${text}”:` : `${found.length} rows hold “${text}”:`}
      </Text>
      <ul className={classes.plainList}>
        {found.map(({ upload, row }) => {
          const isChosen = chosen?.uploadId === upload.upload_id && chosen.row === row.id + 1;
          return (
            <li key={`${upload.upload_id}:${row.id}`}>
              <UnstyledButton className={own.found ?? ""} aria-current={isChosen ? "true" : undefined} onClick={() => onChoose(upload.upload_id, row.id + 1)}>
                <Text span size="sm" fw={600}>
                  {rowWords(upload.upload_name, row.id)}
                </Text>
                <Text span size="sm" c="dimmed" className="truncate" display="block">
                  {valuesOf(row, text)}
                </Text>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What was looked for first, then what else the row holds. */
function valuesOf(row: Row, text: string): string {
  const values = Object.values(row.cells).filter((value) => value !== null);
  const wanted = text.toLowerCase();
  const hits = values.filter((value) => value.toLowerCase().includes(wanted));
  return [...hits, ...values.filter((value) => !hits.includes(value))].slice(0, SHOWN_VALUES).join(" · ");
}
