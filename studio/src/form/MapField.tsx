// Values under names of one's own, such as headers: a line for each.
import { ActionIcon, Autocomplete, Button, Group as Row, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { worded } from "../kit/worded";
import { useOfferedColumns } from "./columns";
import { Field, type FieldProps } from "./Field";
import classes from "./form.module.css";
import { Group } from "./Group";
import { Members } from "./SchemaForm";
import type { Shape } from "./shape";
import { Secret } from "./TextField";
import { isValues, type Mistakes, pointerTo, type Values } from "./values";

interface Line {
  id: number;
  name: string;
  value: unknown;
}

export function MapField({ member, value, onChange, pointer, mistakes, inner }: FieldProps & { inner: Shape }) {
  const held = value ?? member.initial;
  // Lines live here: two of the same name, or one without, are no value yet.
  const [lines, setLines] = useState<Line[]>(() => linesOf(held, member.isRequired));
  const [told, setTold] = useState(value);
  if (value !== told) {
    // Changed from outside: saved, and secrets are kept now.
    setTold(value);
    setLines(linesOf(held, member.isRequired));
  }
  const set = (next: Line[]) => {
    const values = valuesOf(next);
    setLines(next);
    setTold(values);
    onChange(values);
  };
  const offered = useOfferedColumns();
  const replace = (line: Line) => set(lines.map((old) => (old.id === line.id ? line : old)));
  const next = Math.max(-1, ...lines.map(({ id }) => id)) + 1;
  return (
    <Group title={member.title} description={member.description} mistake={mistakes.get(pointer)}>
      {lines.map((line) => (
        <Row key={line.id} wrap="nowrap" align="flex-start" gap="xs" className={inner.kind === "object" ? classes.item : ""}>
          <div className={inner.kind === "object" ? classes.stacked : classes.pair}>
            <Autocomplete
              data={[...offered]}
              limit={50}
              aria-label={`Name in ${member.title.toLowerCase()}`}
              placeholder="Name"
              value={line.name}
              onChange={(name) => replace({ ...line, name })}
              error={isTwice(line, lines) ? "This name stands twice." : undefined}
              spellCheck={false}
              autoComplete="off"
            />
            <LineValue line={line} inner={inner} label={`${member.title} ${line.name}`} pointer={pointerTo(pointer, line.name)} mistakes={mistakes} onChange={(each) => replace({ ...line, value: each })} />
          </div>
          <ActionIcon mt={3} variant="subtle" color="gray" aria-label={`Remove ${line.name || "this line"} from ${member.title.toLowerCase()}`} onClick={() => set(lines.filter(({ id }) => id !== line.id))}>
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </Row>
      ))}
      <Row>
        <Button size="xs" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => set([...lines, { id: next, name: "", value: inner.kind === "object" ? {} : undefined }])} aria-label={`Add to ${member.title.toLowerCase()}`}>
          Add
        </Button>
      </Row>
    </Group>
  );
}

function isTwice({ id, name }: Line, lines: readonly Line[]): boolean {
  return name !== "" && lines.some((other) => other.id < id && other.name === name);
}

interface LineValueProps {
  line: Line;
  inner: Shape;
  label: string;
  pointer: string;
  mistakes: Mistakes;
  onChange: (value: unknown) => void;
}

function LineValue({ line, inner, label, pointer, mistakes, onChange }: LineValueProps) {
  const mistake = worded(mistakes.get(pointer) ?? null);
  if (inner.kind === "text" && inner.isSecret) return <Secret value={line.value} onChange={onChange} said={{ "aria-label": label, error: mistake }} />;
  if (inner.kind === "text") {
    return (
      <TextInput
        aria-label={label}
        placeholder="Value"
        value={typeof line.value === "string" ? line.value : ""}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={mistake}
        spellCheck={false}
        autoComplete="off"
      />
    );
  }
  if (inner.kind === "object") return <Members members={inner.members} value={line.value} onChange={onChange} pointer={pointer} mistakes={mistakes} />;
  const member = { name: line.name, title: label, description: null, isRequired: false, initial: undefined, shape: inner };
  return <Field member={member} value={line.value} onChange={onChange} pointer={pointer} mistakes={mistakes} />;
}

/** isNeeded: at least one line is there to be filled in. */
function linesOf(held: unknown, isNeeded: boolean): Line[] {
  const lines = Object.entries(isValues(held) ? held : {}).map(([name, value], id) => ({ id, name, value }));
  return lines.length === 0 && isNeeded ? [{ id: 0, name: "", value: undefined }] : lines;
}

function valuesOf(lines: readonly Line[]): Values {
  return Object.fromEntries(lines.filter(({ name }) => name !== "").map(({ name, value }) => [name, value]));
}
