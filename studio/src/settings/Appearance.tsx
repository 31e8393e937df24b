// Light, dark, or as the system says; kept in this browser.
import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { Section } from "./Section";

const SCHEMES: { value: MantineColorScheme; label: string }[] = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
];

export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title="Appearance" text="Kept in this browser.">
      <SegmentedControl data={SCHEMES} value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)} w="fit-content" aria-label="Light or dark" />
    </Section>
  );
}
