// The steps of a wizard as links: where one is, what is behind, what is not open yet.
import { VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import classes from "./Steps.module.css";

export interface StepShown {
  step: string;
  label: string;
  hint: string;
  isOpen: boolean;
}

interface StepsProps {
  /** Of the list: "Steps of the import". */
  label: string;
  steps: readonly StepShown[];
  now: string;
}

export function Steps({ label, steps, now }: StepsProps) {
  const place = steps.findIndex(({ step }) => step === now);
  return (
    <nav aria-label={label}>
      <ol className={classes.steps}>
        {steps.map((shown, at) => (
          <li key={shown.step} className={classes.step} data-state={at === place ? "now" : at < place ? "behind" : "ahead"}>
            {shown.isOpen ? (
              <Link to="." search={(before: Record<string, string | undefined>) => ({ ...before, step: shown.step })} className={classes.stepLink}>
                <Inside shown={shown} at={at} isBehind={at < place} />
              </Link>
            ) : (
              <span className={classes.stepLink} aria-disabled="true">
                <Inside shown={shown} at={at} isBehind={at < place} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Inside({ shown, at, isBehind }: { shown: StepShown; at: number; isBehind: boolean }) {
  return (
    <>
      <span className={classes.number} aria-hidden>
        {isBehind ? <Check size={14} /> : at + 1}
      </span>
      <span className={classes.words}>
        <span className={classes.label}>
          {shown.label}
          {isBehind && <VisuallyHidden> (behind you)</VisuallyHidden>}
        </span>
        <span className={classes.hint}>{shown.hint}</span>
      </span>
    </>
  );
}
