// How many of the rows would stay here and why, as far as the preview looked.
import { Skeleton, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { count, plural } from "../../kit/format";
import type { ExportBody, Preview } from "../model";
import { previewQuery } from "../queries";
import { reasonWords, unhashedWords } from "../words";
import type { Planning } from "./planning";
import { Refusal } from "./Refusal";
import run from "../run/run.module.css";
import classes from "./wizard.module.css";

/** The most the server shows: what it looked at is what can be said about who stays. */
export const PREVIEW_ROWS = 100;

/** What is looked at before it leaves; what changed since the last time is told by the export alone. */
export function lookWish({ since: _since, ...wish }: ExportBody): ExportBody {
  return { ...wish, rows: PREVIEW_ROWS };
}

export function WhoStays({ planning }: { planning: Planning }) {
  const { wish, refused } = planning;
  const look = useQuery({ ...previewQuery(lookWish(wish ?? {})), enabled: wish !== null, placeholderData: keepPreviousData });
  const { data, error } = look;
  useEffect(() => {
    if (error !== null) refused(error);
    // Only what was refused newly: the planning is another one in every rendering.
  }, [error]);
  if (error !== null) return <Refusal error={error} onRetry={() => void look.refetch()} onGo={planning.address.go} />;
  if (data === undefined) return <Skeleton height={90} aria-busy="true" />;
  return (
    <section aria-label="Who stays here" className={classes.stale} data-stale={look.isPlaceholderData} aria-busy={look.isFetching}>
      <StaysWords look={data} />
    </section>
  );
}

export function StaysWords({ look }: { look: Preview }) {
  const reasons = Object.entries(look.left_out);
  const isAll = look.looked_at >= look.rows_total;
  const among = isAll ? `all ${plural(look.rows_total, "row")}` : `the first ${count(look.looked_at)} of ${plural(look.rows_total, "row")}`;
  return (
    <>
      <Title order={3} mb={4}>
        Of {among}
      </Title>
      {reasons.length === 0 && look.unhashed.length === 0 ? (
        <Text size="sm" role="status">
          None would be left out.
        </Text>
      ) : (
        <ul className={run.reasons} aria-label="Who stays here, and why">
          {reasons.map(([reason, rows]) => (
            <li key={reason}>
              {plural(rows, "row")} {reasonWords(reason)} would be left out
            </li>
          ))}
          {look.unhashed.map(({ column, code, cells }) => (
            <li key={`${column} ${code}`}>
              {plural(cells, "cell")} of <strong>{column}</strong> would stay empty: {cells === 1 ? "it" : "each"} {unhashedWords(code)}
            </li>
          ))}
        </ul>
      )}
      {!isAll && (
        <Text size="sm" c="dimmed" mt={4}>
          The rest is counted when the export runs; its page says what became of every row.
        </Text>
      )}
    </>
  );
}
