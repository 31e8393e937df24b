// What a provider would read in this table, or that it finds nothing to read.
import { Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { guessInput, hasInputs, type Source } from "./sources";

export function Reads({ source, names }: { source: Source; names: readonly string[] }) {
  const found = source.terms.needs.map((need) => guessInput(need, names)).filter((column) => column !== null);
  const wanted = source.terms.needs.filter((need) => need.required || source.terms.needs_one).map(({ title }) => title.toLowerCase());
  if (hasInputs(source, names)) {
    return (
      <Text size="xs" c="dimmed" mb={6}>
        from {found.join(", ")}
      </Text>
    );
  }
  return (
    <Text size="xs" c="var(--warn-text)" mb={6}>
      <TriangleAlert size={12} aria-hidden style={{ verticalAlign: "-2px" }} /> No column looks like {wanted.join(source.terms.needs_one ? " or " : " and ")}; you can say one later.
    </Text>
  );
}
