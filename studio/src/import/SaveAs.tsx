// A name under which the matching is kept for later files.
import { Checkbox, Group, TextInput } from "@mantine/core";

const MAX_NAME = 100;

interface SaveAsProps {
  /** null: it is not kept under a name. */
  name: string | null;
  onChange: (name: string | null) => void;
}

export function SaveAs({ name, onChange }: SaveAsProps) {
  return (
    <Group gap="md" align="center" mih={36}>
      <Checkbox
        label="Keep these choices as a template"
        checked={name !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? "" : null)}
      />
      {name !== null && (
        <TextInput
          aria-label="Name of the template"
          placeholder="Name of the template"
          value={name}
          maxLength={MAX_NAME}
          autoFocus
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Group>
  );
}
