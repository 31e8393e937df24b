// How right the match is at every threshold, and on what that was measured.
import { Table, Text, Title } from "@mantine/core";
import { count } from "../../kit/format";
import { Meter } from "../../kit/Meter";
import classes from "../identity.module.css";
import type { Match } from "../model";
import { shareWords } from "../words";

const MEASURED: Record<"labels" | "planted", string> = {
  labels: "Measured on the pairs you sent as known.",
  planted:
    "Measured on copies of your own rows with planted typing errors: how many mistyped people are found again holds well; how often two people who look alike are joined is not seen this way, so “right” is the best that can be hoped for.",
};

export function Quality({ match }: { match: Match }) {
  const { curve, threshold, measured_on: measured, precision, recall } = match;
  return (
    <section aria-label="How right it is">
      <Title order={2} mb={4}>
        How right it is
      </Title>
      <Text size="sm">
        From {shareWords(threshold)} on: {shareWords(precision)} of the pairs joined are right, and {shareWords(recall)} of those to be found are found.
      </Text>
      <Text size="sm" c="dimmed" mb="sm" maw={820}>
        {measured !== null && MEASURED[measured]}
      </Text>
      <div className={classes.scroll} role="region" aria-label="Every threshold" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={560} maw={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={150}>Threshold</Table.Th>
              <Table.Th>Right, of pairs joined</Table.Th>
              <Table.Th>Found, of pairs to find</Table.Th>
              <Table.Th ta="right">Pairs joined</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {curve.map((point) => (
              <Table.Tr key={point.threshold} data-compact data-now={point.threshold === threshold || undefined}>
                <Table.Th scope="row">
                  {shareWords(point.threshold)}
                  {point.threshold === threshold && (
                    <Text span size="xs" c="dimmed">
                      {" "}
                      this match
                    </Text>
                  )}
                </Table.Th>
                <Table.Td>
                  <Share share={point.precision} />
                </Table.Td>
                <Table.Td>
                  <Share share={point.recall} />
                </Table.Td>
                <Table.Td ta="right">{count(point.pairs)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function Share({ share }: { share: number | null }) {
  if (share === null) return <Text span size="sm" c="dimmed">nothing to tell from</Text>;
  return (
    <span className={classes.share}>
      {shareWords(share)}
      <Meter part={share} all={1} />
    </span>
  );
}
