// Fields of an object inside a form; one that may be left out is there only when somebody wants it.
import { Button, Group as Row } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import type { FieldProps } from "./Field";
import { Group } from "./Group";
import { Members } from "./SchemaForm";
import type { Member } from "./shape";
import { isValues } from "./values";

export function ObjectField({ member, value, onChange, pointer, mistakes, members }: FieldProps & { members: readonly Member[] }) {
  const { title, description, isRequired, initial } = member;
  const held = value ?? initial;
  const isOptional = !isRequired && !isValues(initial);
  const isThere = !isOptional || isValues(held);
  return (
    <Group title={title} description={description} mistake={mistakes.get(pointer)}>
      {isThere && <Members members={members} value={held} onChange={onChange} pointer={pointer} mistakes={mistakes} />}
      {isOptional && (
        <Row>
          <Button size="xs" variant="default" leftSection={isThere ? <Trash2 size={14} aria-hidden /> : <Plus size={14} aria-hidden />} onClick={() => onChange(isThere ? undefined : {})}>
            {isThere ? "Do without" : "Set"} {title.toLowerCase()}
          </Button>
        </Row>
      )}
    </Group>
  );
}
