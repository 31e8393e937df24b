// What one step may set of its provider, folded away until somebody wants it or something in it is wrong.
import { Button, Collapse, Text } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { SchemaForm } from "../../form/SchemaForm";
import { shapeOf } from "../../form/shape";
import { below, type Mistakes, mistakesIn } from "../../form/values";
import type { Provider } from "../model";
import classes from "./wizard.module.css";
import type { StepDraft } from "./draft";
import type { PlannedStep } from "./usePlannedSteps";

interface StepSettingsProps {
  provider: Provider;
  step: PlannedStep;
  title: string;
  pointer: string;
  mistakes: Mistakes;
  onChange: (step: StepDraft) => void;
}

export function StepSettings({ provider, step, title, pointer, mistakes, onChange }: StepSettingsProps) {
  const shape = useMemo(() => shapeOf(provider.settings), [provider]);
  const id = useId();
  const placed = useMemo(() => mistakesIn(shape, pointer, [...mistakes].map(([at, message]) => ({ pointer: at, message }))), [shape, pointer, mistakes]);
  const wrong = below(mistakes, pointer).length > 0;
  const isNeeded = shape.kind === "object" && shape.members.some((member) => member.isRequired);
  const [isWanted, setWanted] = useState(isNeeded);
  const isOpen = isWanted || wrong;
  if (shape.kind !== "object" || shape.members.length === 0) return null;
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      <Button
        mt="xs"
        ml={-8}
        size="compact-xs"
        variant="subtle"
        color="gray"
        leftSection={<Icon size={14} aria-hidden />}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={`Settings of “${title}”`}
        onClick={() => setWanted(!isOpen)}
      >
        Settings
      </Button>
      <Collapse expanded={isOpen} id={id} className={classes.settings ?? ""}>
        <SchemaForm shape={shape} value={step.settings} onChange={(settings) => onChange({ ...step, settings })} pointer={pointer} mistakes={placed} />
        {step.trouble !== null && (
          <Text size="xs" c="dimmed" mt="xs" role="status">
            {step.trouble}
          </Text>
        )}
      </Collapse>
    </>
  );
}
