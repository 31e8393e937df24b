// Step 3: from which columns providers read, into which their values go, how these are filled, and in which rows.
import { Button, Stack, Text, Title } from "@mantine/core";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { plural } from "../../kit/format";
import { StepFooter } from "../../kit/StepFooter";
import { MapCard } from "./MapCard";
import { readable, waterfalls } from "./plan";
import { openFaults, type Planning } from "./planning";
import { RowsFilter } from "./RowsFilter";
import { TargetRow } from "./TargetRow";
import classes from "./wizard.module.css";

export function MapStep({ planning }: { planning: Planning }) {
  const { steps, names, address } = planning;
  const targets = [...waterfalls(steps).keys()].filter((column) => column.trim() !== "");
  const open = openFaults(planning);
  return (
    <Stack gap="lg">
      <section aria-label="Columns read and filled">
        <Title order={2}>From and into which columns</Title>
        <Text c="dimmed" size="sm" mb="sm">
          What was found by its name is filled in. A column the table does not have is added; undo takes it away again.
        </Text>
        <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
          {steps.map((step, at) => (
            <MapCard key={step.id} step={step} at={at} planning={planning} readable={readable(steps, at, names)} />
          ))}
        </Stack>
      </section>
      {targets.length > 0 && (
        <section aria-label="How columns are filled">
          <Title order={2} mb="sm">
            How they are filled
          </Title>
          <ul className={classes.lines}>
            {targets.map((column, at) => (
              <TargetRow key={column} column={column} at={at} planning={planning} />
            ))}
          </ul>
        </section>
      )}
      <RowsFilter planning={planning} />
      <StepFooter note={open > 0 ? `${plural(open, "provider")} still ${open === 1 ? "needs" : "need"} a column.` : `${plural(targets.length, "column")} will be filled.`}>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("providers")}>
          Back
        </Button>
        <Button disabled={open > 0} rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => address.go("estimate")}>
          Estimate
        </Button>
      </StepFooter>
    </Stack>
  );
}
