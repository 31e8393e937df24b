// The sums of an estimate, and the one question that may cost something: asked only when somebody presses the button.
import { Button, Group, Text } from "@mantine/core";
import { Coins } from "lucide-react";
import { count, money } from "../../kit/format";
import classes from "../enrich.module.css";
import type { Estimate, EstimatedStep } from "../model";
import { amountWords } from "../words";

interface EstimateNumbersProps {
  estimate: Estimate;
  isAsking: boolean;
  hasAskedPaid: boolean;
  onAskPaid: () => void;
}

export function EstimateNumbers({ estimate, isAsking, hasAskedPaid, onAskPaid }: EstimateNumbersProps) {
  const { rows, rows_matching, providers, cost } = estimate;
  const sum = (name: "cached" | "to_ask") => providers.reduce((total, step) => total + (step[name] ?? 0), 0);
  const unasked = providers.filter((step) => step.price > 0 && (step.sample?.left ?? 0) > 0);
  const numbers: [string, string][] = [
    [rows_matching === rows ? "Rows" : `Rows of ${count(rows)}`, count(rows_matching)],
    ["Questions to ask", count(sum("to_ask"))],
    ["Answers kept from before", count(sum("cached"))],
    ["Likely to cost", amountWords(cost.likely)],
    ["At most", amountWords(cost.most)],
  ];
  return (
    <section aria-label="In sum">
      <dl className={classes.numbers}>
        {numbers.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {unasked.length > 0 && !hasAskedPaid && (
        <Group gap="sm" mt="sm">
          <Button size="xs" variant="default" loading={isAsking} leftSection={<Coins size={14} aria-hidden />} onClick={onAskPaid}>
            Ask paid providers for the sample: at most {money(unasked.reduce((total, step) => total + sampleCost(step), 0))}
          </Button>
          <Text size="xs" c="dimmed">
            {unasked.map(({ title }) => title).join(", ")} {unasked.length === 1 ? "was" : "were"} not asked so far. Answers are kept, so the run does not pay for them again.
          </Text>
        </Group>
      )}
    </section>
  );
}

/** The most the rest of the sample of one step can cost. */
function sampleCost({ price, sample }: EstimatedStep): number {
  return price * (sample?.left ?? 0);
}
