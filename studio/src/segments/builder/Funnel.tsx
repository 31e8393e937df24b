// How many are left after each condition, so that one sees which one costs most.
import { Text, Title } from "@mantine/core";
import { count, percent } from "../../kit/format";
import { Meter } from "../../kit/Meter";
import type { Preview } from "../model";
import classes from "./builder.module.css";

export function Funnel({ found, unit }: { found: Preview; unit: string }) {
  if (found.funnel.length === 0) return null;
  return (
    <section aria-label="Left after each condition">
      <Title order={3} mb={6}>
        Left after each condition
      </Title>
      <ol className={classes.funnel}>
        <li>
          <Step words={`All ${unit}`} left={found.of} all={found.of} lost={null} />
        </li>
        {found.funnel.map(({ pointer, describe, count: left }, at) => (
          <li key={pointer}>
            <Step words={describe} left={left} all={found.of} lost={(found.funnel[at - 1]?.count ?? found.of) - left} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Step({ words, left, all, lost }: { words: string; left: number; all: number; lost: number | null }) {
  return (
    <>
      <div className={classes.step}>
        <Text size="sm" className={classes.stepWords ?? ""} title={words}>
          {words}
        </Text>
        <Text size="sm" fw={600}>
          {count(left)}
        </Text>
      </div>
      <Meter part={left} all={all} />
      {lost !== null && (
        <Text size="xs" c="dimmed">
          {lost === 0 ? "takes nobody away" : `takes ${count(lost)} away`} · {percent(left, all)} left
        </Text>
      )}
    </>
  );
}
