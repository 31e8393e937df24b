// Everybody else who can be asked, to be put at the end of the order.
import { Group, Select, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { LinkAnchor } from "../../kit/links";
import { priceWords } from "../words";
import type { Planning } from "./planning";
import { nameOf, type Source } from "./sources";

export function AddProvider({ planning, onAdd }: { planning: Planning; onAdd: (source: Source) => void }) {
  const { sources, providers } = planning;
  const byName = new Map(sources.map((source) => [nameOf(source), source]));
  return (
    <Group gap="md">
      <Select
        aria-label="Add a provider"
        placeholder="Add a provider"
        leftSection={<Plus size={16} aria-hidden />}
        w={360}
        maw="100%"
        maxDropdownHeight={420}
        data={sources.map((source) => ({ value: nameOf(source), label: source.title }))}
        value={null}
        searchable
        onChange={(name) => {
          const source = byName.get(name ?? "");
          if (source !== undefined) onAdd(source);
        }}
        nothingFoundMessage="No such provider"
        renderOption={({ option }) => <Offered source={byName.get(option.value)} />}
      />
      {providers
        .filter((provider) => provider.connection)
        .map((provider) => (
          <LinkAnchor key={provider.id} size="sm" to="/enrichments/connections/$connectionId" params={{ connectionId: "new" }} search={{ provider: provider.id }}>
            New connection: {provider.title}
          </LinkAnchor>
        ))}
    </Group>
  );
}

function Offered({ source }: { source: Source | undefined }) {
  if (source === undefined) return null;
  return (
    <div>
      <Text size="sm" fw={600}>
        {source.title}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {priceWords(source.terms)} · {source.connection === null ? source.provider.description.replaceAll("`", "") : source.provider.title}
      </Text>
    </div>
  );
}
