// Puts people on the list, pasted or from a file, and says of each line what became of it.
import { Button, Group, Paper, Progress, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { LinkAnchor, LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { linesIn, linesOf } from "./lines";
import { LinesInput, type Source } from "./LinesInput";
import { OutcomeList } from "./OutcomeList";
import { type Adding, useAdding } from "./useAdding";

const NOTHING: Source = { text: "", file: null };
const REGION = /^[A-Za-z]{2}$/;
const MOST_REASON = 300;

export function AddPage() {
  const [source, setSource] = useState<Source>(NOTHING);
  const [region, setRegion] = useState("");
  const [reason, setReason] = useState("");
  const { adding, start, stop, goOn, clear } = useAdding();
  const lines = useMemo(() => (source.file === null ? linesOf(source.text) : linesIn(source.file.sheet, source.file.column)), [source]);
  const isRegion = region === "" || REGION.test(region);
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (lines.length > 0 && isRegion) start({ lines, region: region === "" ? null : region.toUpperCase(), reason: reason.trim() === "" ? null : reason.trim() });
  };
  return (
    <Page title="Add suppressions">
      <Stack gap="md">
        <LinkAnchor to="/exports/suppressions" size="sm" w="fit-content">
          All suppressions
        </LinkAnchor>
        {adding === null ? (
          <Paper withBorder p="md" maw={720}>
            <form onSubmit={add} aria-label="People">
              <Stack gap="md">
                <LinesInput source={source} onChange={setSource} />
                <TextInput
                  label="Country of phone numbers without +"
                  description="Two letters, such as GB; empty when all of them begin with +"
                  value={region}
                  onChange={(event) => setRegion(event.currentTarget.value.trim())}
                  error={isRegion ? undefined : "Two letters, such as GB or DE."}
                  maxLength={2}
                  autoComplete="off"
                  maw={320}
                />
                <TextInput label="Reason" description="Shown beside the entries; say nothing in it that names a person" value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={MOST_REASON} autoComplete="off" />
                <Group justify="flex-end">
                  <Button type="submit" disabled={lines.length === 0 || !isRegion}>
                    {lines.length === 0 ? "Suppress" : `Suppress ${plural(lines.length, "value")}`}
                  </Button>
                </Group>
              </Stack>
            </form>
          </Paper>
        ) : (
          <Told
            adding={adding}
            onStop={stop}
            onGoOn={goOn}
            onMore={() => {
              clear();
              setSource(NOTHING);
            }}
            onBack={clear}
          />
        )}
      </Stack>
    </Page>
  );
}

interface ToldProps {
  adding: Adding;
  onStop: () => void;
  onGoOn: () => void;
  /** Other people. */
  onMore: () => void;
  /** The same ones, to be corrected. */
  onBack: () => void;
}

function Told({ adding, onStop, onGoOn, onMore, onBack }: ToldProps) {
  const { state, done, total, entries, outcomes, error } = adding;
  const refused = outcomes.some(({ result }) => result === "refused");
  return (
    <Stack gap="md">
      <div role="status">
        <Text fw={600}>{headline(adding)}</Text>
        <Text size="sm" c="dimmed">
          {plural(entries, "new entry", "new entries")} on the list. They hold for every export that starts from now on.
        </Text>
      </div>
      {state === "working" && <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label="How far it is" />}
      {error !== null && <ErrorNote error={error} />}
      <Group>
        {state === "working" && (
          <Button variant="default" onClick={onStop}>
            Stop
          </Button>
        )}
        {state === "stopped" && <Button onClick={onGoOn}>Go on with the rest</Button>}
        {state !== "working" && (
          <>
            {state === "done" && <LinkButton to="/exports/suppressions">To the list</LinkButton>}
            <Button variant="default" onClick={onMore}>
              Add others
            </Button>
            {refused && (
              <Button variant="default" onClick={onBack}>
                Correct what is not usable
              </Button>
            )}
          </>
        )}
      </Group>
      {outcomes.length > 0 && <OutcomeList outcomes={outcomes} />}
    </Stack>
  );
}

function headline({ state, done, total }: Adding): string {
  if (state === "working") return `${count(done)} of ${plural(total, "different value")} looked at …`;
  return state === "done" ? `${plural(total, "different value")} looked at.` : `Stopped after ${count(done)} of ${plural(total, "different value")}; nothing is lost.`;
}
