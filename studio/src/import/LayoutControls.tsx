// One labelled control for everything about a file's layout, each with how sure the detection is and why.
import { Button, Collapse, SimpleGrid, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ChevronDown, ChevronUp } from "lucide-react";
import { LayoutControl } from "./LayoutControl";
import { LAYOUT_MEMBERS, type LayoutMember, type Overrides } from "./layout";
import type { Preview } from "./queries";

const FIRST: Record<string, readonly LayoutMember[]> = {
  csv: ["format", "encoding", "delimiter", "header_row"],
  xlsx: ["format", "sheet", "header_row"],
  ndjson: ["format", "encoding"],
  json: ["format", "encoding", "sheet"],
  parquet: ["format"],
};
const UNSURE = 0.6;

interface LayoutControlsProps {
  detected: Preview;
  shown: Preview;
  overrides: Overrides;
  onChange: (member: LayoutMember, value: string | null) => void;
}

export function LayoutControls({ detected, shown, overrides, onChange }: LayoutControlsProps) {
  const there = LAYOUT_MEMBERS.filter((member) => member in shown.layout && (member !== "sheet" || shown.sheets.length > 0));
  const format = String(shown.layout["format"]?.value ?? "csv");
  const first = (FIRST[format] ?? ["format"]).filter((member) => there.includes(member));
  const rest = there.filter((member) => !first.includes(member));
  const needsALook = rest.some((member) => member in overrides || (shown.layout[member]?.confidence ?? 1) < UNSURE - 0.1);
  const [isOpen, more] = useDisclosure(needsALook);
  const control = (member: LayoutMember) => (
    <LayoutControl key={member} member={member} detected={detected} shown={shown} overrides={overrides} onChange={onChange} />
  );
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2, md: Math.max(2, first.length) }} spacing="lg" verticalSpacing="md">
        {first.map(control)}
      </SimpleGrid>
      {rest.length > 0 && (
        <>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={more.toggle}
            aria-expanded={isOpen}
            rightSection={isOpen ? <ChevronUp size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
          >
            {isOpen ? "Fewer settings" : "More settings"}
          </Button>
          <Collapse expanded={isOpen}>
            <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="lg" verticalSpacing="md">
              {rest.map(control)}
            </SimpleGrid>
          </Collapse>
        </>
      )}
    </Stack>
  );
}
