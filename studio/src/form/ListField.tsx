// Several of one kind, in order; each can be taken away.
import { ActionIcon, Button, Group as Row } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { Field, type FieldProps } from "./Field";
import classes from "./form.module.css";
import { Group } from "./Group";
import { Members } from "./SchemaForm";
import type { Shape } from "./shape";
import { pointerTo } from "./values";

export function ListField({ member, value, onChange, pointer, mistakes, item }: FieldProps & { item: Shape }) {
  const held = value ?? member.initial;
  const blank = item.kind === "object" ? {} : "";
  // One is needed: its fields are there to be filled in.
  const items: unknown[] = Array.isArray(held) && held.length > 0 ? held : member.isRequired ? [blank] : [];
  const replace = (at: number, next: unknown) => onChange(items.map((old, place) => (place === at ? next : old)));
  return (
    <Group title={member.title} description={member.description} mistake={mistakes.get(pointer)}>
      {items.map((each, at) => (
        <Row key={at} wrap="nowrap" align="flex-start" gap="xs" className={classes.item}>
          <div className={classes.grow}>
            {item.kind === "object" ? (
              <Members members={item.members} value={each} onChange={(next) => replace(at, next)} pointer={pointerTo(pointer, at)} mistakes={mistakes} />
            ) : (
              <Field
                member={{ ...member, title: `${member.title} ${at + 1}`, description: null, isRequired: false, initial: undefined, shape: item }}
                value={each}
                onChange={(next) => replace(at, next)}
                pointer={pointerTo(pointer, at)}
                mistakes={mistakes}
              />
            )}
          </div>
          <ActionIcon variant="subtle" color="gray" disabled={member.isRequired && items.length === 1} aria-label={`Remove ${member.title} ${at + 1}`} onClick={() => onChange(items.filter((_, place) => place !== at))}>
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </Row>
      ))}
      <Row>
        <Button size="xs" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => onChange([...items, blank])} aria-label={`Add to ${member.title.toLowerCase()}`}>
          Add
        </Button>
      </Row>
    </Group>
  );
}
