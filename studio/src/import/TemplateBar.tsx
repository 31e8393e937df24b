// Templates: choose one for this file, or look after those there are.
import { Button, Group, NativeSelect, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { plural } from "../kit/format";
import { type Choices, fromMapping, missingIn, respelling } from "./mapping";
import { templatesQuery } from "./queries";
import { TemplatesModal } from "./TemplatesModal";

interface TemplateBarProps {
  columns: readonly string[];
  onUse: (choices: Choices) => void;
}

export function TemplateBar({ columns, onUse }: TemplateBarProps) {
  const { data: kept } = useQuery(templatesQuery);
  const [isManaging, setManaging] = useState(false);
  const [usedId, setUsedId] = useState("");
  const named = (kept ?? []).filter((each) => typeof each.name === "string");
  if (named.length === 0 && !isManaging) return null;
  const used = named.find((each) => each.id === usedId);
  const missing = used === undefined ? [] : missingIn(used.mapping, columns);
  const choose = (id: string) => {
    setUsedId(id);
    const template = named.find((each) => each.id === id);
    if (template !== undefined) onUse(fromMapping(template.mapping, columns, respelling(columns)));
  };
  return (
    <Group gap="sm" align="flex-end">
      <NativeSelect
        label="Template"
        value={usedId}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[{ value: "", label: "Choose a template…" }, ...named.map((each) => ({ value: each.id, label: each.name ?? "" }))]}
      />
      <Button variant="subtle" onClick={() => setManaging(true)}>
        Manage templates
      </Button>
      {used !== undefined && (
        <Text size="sm" c="dimmed" role="status" py={8}>
          {missing.length === 0 ? `“${used.name ?? ""}” is used below.` : `“${used.name ?? ""}” is used below; ${plural(missing.length, "of its columns is", "of its columns are")} not in this file: ${missing.slice(0, 5).join(", ")}.`}
        </Text>
      )}
      {isManaging && <TemplatesModal onClose={() => setManaging(false)} />}
    </Group>
  );
}
