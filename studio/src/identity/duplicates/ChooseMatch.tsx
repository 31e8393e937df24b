// Which probable match says who is the same, and from which probability on.
import { NumberInput, Select, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { exactTime } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import type { Change } from "../address";
import type { Dedupe, Match } from "../model";
import { matchesQuery, matchQuery } from "../queries";

interface ChooseMatchProps {
  dedupe: Dedupe;
  uploads: readonly string[];
  onChange: (change: Change) => void;
}

export function ChooseMatch({ dedupe, uploads, onChange }: ChooseMatchProps) {
  const { data } = useInfiniteQuery(matchesQuery);
  const named = useQuery({ ...matchQuery(dedupe.match ?? ""), enabled: dedupe.match !== undefined });
  const listed = data?.pages.flatMap(({ matches }) => matches) ?? [];
  // It tells only of the uploads it looked at.
  const fitting = listed.filter((match) => match.status === "ready" && uploads.every((id) => match.uploads.includes(id)));
  const offered = named.data === undefined || fitting.some(({ id }) => id === named.data.id) ? fitting : [...fitting, named.data];
  return (
    <>
      <div>
        <Select
          label="Probable match"
          placeholder={data === undefined ? "" : offered.length === 0 ? "There is none over these uploads" : "Choose one"}
          data={offered.map((match) => ({ value: match.id, label: labelOf(match) }))}
          value={dedupe.match ?? null}
          onChange={(match) => onChange({ match: match ?? "" })}
          error={named.error === null ? null : named.error.message}
          nothingFoundMessage="No such match"
        />
        <Text size="xs" mt={4}>
          <LinkAnchor to="/identity/matches/new" search={{ uploads: uploads.join(",") }} inherit underline="always">
            Match these uploads
          </LinkAnchor>
        </Text>
      </div>
      {named.data !== undefined && <Threshold key={named.data.id} match={named.data} threshold={dedupe.threshold ?? named.data.threshold} onChange={(threshold) => onChange({ threshold })} />}
    </>
  );
}

function labelOf(match: Match): string {
  return `${match.compare.map(({ column }) => column).join(", ")} · ${exactTime(match.created_at)}`;
}

interface ThresholdProps {
  match: Match;
  threshold: number;
  onChange: (threshold: number) => void;
}

function Threshold({ match, threshold, onChange }: ThresholdProps) {
  const [percent, setPercent] = useState<string | number>(round(threshold));
  const isFit = typeof percent === "number" && percent / 100 >= match.threshold && percent <= 100;
  return (
    <NumberInput
      label="Join pairs from this probability on"
      suffix="%"
      decimalScale={2}
      step={1}
      min={round(match.threshold)}
      max={100}
      clampBehavior="none"
      error={isFit ? null : `From ${round(match.threshold)}% to 100%`}
      value={percent}
      onChange={(next) => {
        setPercent(next);
        if (typeof next === "number" && next / 100 >= match.threshold && next <= 100) onChange(next / 100);
      }}
    />
  );
}

/** In per cent, without what binary fractions add. */
function round(share: number): number {
  return Math.round(share * 10_000) / 100;
}
