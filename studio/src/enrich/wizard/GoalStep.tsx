// Step 1: what is missing. Each line is a column somebody can fill; the ones that are ticked become the goal.
import { Button, Stack, Text, Title } from "@mantine/core";
import { ArrowRight } from "lucide-react";
import { useMemo } from "react";
import { EmptyState } from "../../kit/EmptyState";
import { count, plural } from "../../kit/format";
import { StepFooter } from "../../kit/StepFooter";
import { stepsFor } from "./draft";
import { GoalRow } from "./GoalRow";
import { type Goal, goalsOf, grouped } from "./goals";
import type { Planning } from "./planning";
import { Reads } from "./Reads";
import classes from "./wizard.module.css";

export function GoalStep({ planning }: { planning: Planning }) {
  const { sources, columns, rows, names, draft, change, steps, setSteps, address } = planning;
  const goals = useMemo(() => goalsOf(sources, columns, rows), [sources, columns, rows]);
  const chosen = goals.filter(({ column }) => draft.goals.includes(column));
  const toggle = (members: readonly Goal[], isOn: boolean) => {
    const named = members.map(({ column }) => column);
    const others = draft.goals.filter((column) => !named.includes(column));
    change({ goals: isOn ? [...others, ...named] : others });
  };
  const onward = () => {
    setSteps(stepsFor(chosen, steps, names));
    address.go("providers");
  };
  const missing = chosen.reduce((total, goal) => total + goal.missing, 0);
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Title order={2}>What is missing?</Title>
        <Text c="dimmed" size="sm">
          {plural(rows, "row")}. Choose what to fill in. Nothing is stored before you have seen what it would find and cost.
        </Text>
      </Stack>
      {goals.length === 0 && <EmptyState title="Nobody can be asked" text="This server has no provider of enrichment. Whoever runs it can install one." />}
      {grouped(goals).map((group) => (
        <section key={group.title} aria-label={group.title}>
          <div className={classes.groupHead}>
            <Title order={3}>{group.title}</Title>
            {group.goals.length > 1 && (
              <Button size="compact-xs" variant="subtle" onClick={() => toggle(group.goals, !group.goals.every((goal) => draft.goals.includes(goal.column)))}>
                {group.goals.every((goal) => draft.goals.includes(goal.column)) ? "None of these" : "All of these"}
              </Button>
            )}
          </div>
          {group.by !== null && <Reads source={group.by} names={names} />}
          <ul className={`${classes.lines} ${group.by === null ? "" : classes.cells}`}>
            {group.goals.map((goal) => (
              <GoalRow key={goal.column} goal={goal} rows={rows} isChosen={draft.goals.includes(goal.column)} onToggle={(isOn) => toggle([goal], isOn)} />
            ))}
          </ul>
        </section>
      ))}
      <StepFooter note={chosen.length === 0 ? "Nothing is chosen yet." : `${plural(chosen.length, "column")} chosen, ${count(missing)} ${missing === 1 ? "cell" : "cells"} missing.`}>
        <Button variant="default" onClick={() => address.go("providers")}>
          Choose providers myself
        </Button>
        <Button disabled={chosen.length === 0} rightSection={<ArrowRight size={16} aria-hidden />} onClick={onward}>
          Choose providers
        </Button>
      </StepFooter>
    </Stack>
  );
}
