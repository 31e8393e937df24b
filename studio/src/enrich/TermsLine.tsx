// What a provider costs, how fast it may be asked, how long its answers are kept, whether it needs the network.
import { Group, Text } from "@mantine/core";
import { Archive, Coins, Gauge, Globe, HardDrive, type LucideIcon } from "lucide-react";
import type { Terms } from "./model";
import { keptWords, priceWords, rateWords } from "./words";

interface TermsLineProps {
  terms: Pick<Terms, "price" | "price_per" | "rate" | "cached_days">;
  isNetwork: boolean;
}

export function TermsLine({ terms, isNetwork }: TermsLineProps) {
  const facts: [LucideIcon, string | null][] = [
    [Coins, priceWords(terms)],
    [isNetwork ? Globe : HardDrive, isNetwork ? "asks over the network" : "works offline"],
    [Gauge, rateWords(terms.rate)],
    [Archive, keptWords(terms.cached_days)],
  ];
  return (
    <Group c="dimmed" mt={4} style={{ gap: "4px 14px" }}>
      {facts.map(
        ([Icon, words]) =>
          words !== null && (
            <Group key={words} gap={5} wrap="nowrap">
              <Icon size={13} aria-hidden style={{ flexShrink: 0 }} />
              <Text size="xs">{words}</Text>
            </Group>
          ),
      )}
    </Group>
  );
}
