// What each provider would be asked, in order: rows, different questions, what the sample found, what it costs.
import { Table, Text } from "@mantine/core";
import { count } from "../../kit/format";
import classes from "../enrich.module.css";
import type { Estimate, EstimatedStep } from "../model";
import { amountWords, priceWords } from "../words";

const HEADS = ["Rows", "Different", "Kept", "To ask", "In the sample", "Likely", "At most"];

export function StepsTable({ estimate }: { estimate: Estimate }) {
  return (
    <div className={classes.scroll} role="region" aria-label="Providers that are asked" tabIndex={0}>
      <Table className={classes.table ?? ""} miw={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Provider</Table.Th>
            {HEADS.map((head) => (
              <Table.Th key={head} w={head === "In the sample" ? 150 : 90} ta="right">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {estimate.providers.map((step, at) => (
            <Table.Tr key={at}>
              <Table.Th scope="row">
                <Text size="sm" fw={600}>
                  {at + 1}. {step.title}
                </Text>
                <Text size="xs" c="dimmed">
                  reads {Object.values(step.inputs).join(", ")} · {priceWords(step)}
                </Text>
              </Table.Th>
              <Table.Td ta="right">{countWords(step.rows)}</Table.Td>
              <Table.Td ta="right">{countWords(step.inputs_distinct)}</Table.Td>
              <Table.Td ta="right">{count(step.cached)}</Table.Td>
              <Table.Td ta="right">{countWords(step.to_ask)}</Table.Td>
              <Table.Td ta="right">{sampleWords(step)}</Table.Td>
              <Table.Td ta="right">{amountWords(step.cost.likely)}</Table.Td>
              <Table.Td ta="right">{amountWords(step.cost.most)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Not known where a provider reads what one before it gives. */
const countWords = (value: number | null) => (value === null ? "not known" : count(value));

function sampleWords({ sample }: EstimatedStep): string {
  return sample === null || sample.asked === 0 ? "not asked" : `${count(sample.found)} of ${count(sample.asked)} found`;
}
