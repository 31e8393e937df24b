// One column of the file: its name, samples and fill on the left, its field and how sure the guess is on the right.
import { Button, Group, Text, TextInput } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { percent } from "../kit/format";
import { Confidence } from "./Confidence";
import { FieldSelect } from "./FieldSelect";
import { labelOfField } from "./fields";
import classes from "./import.module.css";
import type { Choice, Fault } from "./mapping";
import type { Preview } from "./queries";
import { SplitFields } from "./SplitFields";

const SAMPLES = 3;

interface ColumnRowProps {
  guess: Preview["columns"][number];
  values: readonly (string | null)[];
  choice: Choice;
  joins: Readonly<Record<string, string>>;
  fault: Fault | null;
  onChange: (choice: Choice) => void;
  onJoin: (target: string, separator: string | null) => void;
}

export function ColumnRow({ guess, values, choice, joins, fault, onChange, onJoin }: ColumnRowProps) {
  const filled = values.filter((value): value is string => value !== null && value.trim() !== "");
  const samples = [...new Set(filled)].slice(0, SAMPLES);
  const isGuess = guess.field !== null && ((choice.kind === "to" && choice.name === guess.field) || (choice.kind === "own" && guess.name === guess.field));
  const reason = guess.field === null ? guess.reason : guess.reason.replaceAll(guess.field, labelOfField(guess.field).toLowerCase());
  const maybe = guess.field !== null && !isGuess && choice.kind === "own" ? guess.field : null;
  const joined = choice.kind === "to" && choice.name in joins && fault === null ? choice.name : null;
  return (
    <li className={classes.column} data-skipped={choice.kind === "skip"} data-bad={fault !== null}>
      <Text fw={600} size="sm" className="truncate" title={guess.name}>
        {guess.name}
      </Text>
      <div className={classes.samples}>
        {samples.map((value) => (
          <span key={value} className={classes.sampleValue} title={value}>
            {value}
          </span>
        ))}
        {samples.length === 0 && <span className={classes.empty}>empty in the first rows</span>}
      </div>
      <Text size="sm" className={classes.fill} title={`${filled.length} of the first ${values.length} rows`}>
        {percent(filled.length, values.length)} <span className={classes.fillWord}>filled</span>
      </Text>
      <div className={classes.target}>
        <FieldSelect column={guess.name} choice={choice} hasFault={fault !== null} onChange={onChange} />
        {choice.kind === "split" && <SplitFields column={guess.name} choice={choice} onChange={onChange} />}
        {fault !== null ? (
          <div className={classes.fault} role="alert">
            <CircleAlert size={14} aria-hidden />
            <span>{fault.message}</span>
            {fault.joinable !== null && (
              <Button size="compact-xs" variant="default" onClick={() => onJoin(fault.joinable ?? "", " ")}>
                Join them
              </Button>
            )}
          </div>
        ) : joined !== null ? (
          <Group gap="xs" wrap="nowrap">
            <TextInput
              size="xs"
              w={150}
              label="Joined, with between"
              value={joins[joined] ?? ""}
              maxLength={20}
              onChange={(event) => onJoin(joined, event.currentTarget.value)}
            />
            <Button size="compact-xs" variant="subtle" mt={20} onClick={() => onJoin(joined, null)}>
              Do not join
            </Button>
          </Group>
        ) : isGuess ? (
          <Confidence confidence={guess.confidence} reason={reason} />
        ) : maybe !== null ? (
          <Group gap={6}>
            <Text size="xs" c="dimmed">
              Could be {labelOfField(maybe).toLowerCase()} ({Math.round(100 * guess.confidence)}%). {reason}
            </Text>
            <Button size="compact-xs" variant="default" onClick={() => onChange({ kind: "to", name: maybe })}>
              Use {labelOfField(maybe)}
            </Button>
          </Group>
        ) : choice.kind === "skip" ? (
          <Text size="xs" c="dimmed">
            Not in the table. The file itself stays whole.
          </Text>
        ) : null}
      </div>
    </li>
  );
}
