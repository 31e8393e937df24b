// The four steps as links: where one is, what is behind, what is not open yet.
import { VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { type Step, STEPS } from "./address";
import classes from "./import.module.css";
import { isFile, isOpen, type Upload } from "./queries";

const LABELS: Record<Step, [label: string, hint: string]> = {
  file: ["File", "How it is read"],
  match: ["Match", "What columns mean"],
  check: ["Check", "What needs fixing"],
  done: ["Done", "The clean table"],
};

export function Steps({ upload, now }: { upload: Upload; now: Step }) {
  const steps = STEPS.filter((step) => isFile(upload) || step === "check" || step === "done");
  return (
    <nav aria-label="Steps of the import">
      <ol className={classes.steps}>
        {steps.map((step, at) => {
          const isBehind = at < steps.indexOf(now);
          const [label, hint] = LABELS[step];
          const inside = (
            <>
              <span className={classes.number} aria-hidden>
                {isBehind ? <Check size={14} /> : at + 1}
              </span>
              <span className={classes.words}>
                <span className={classes.label}>
                  {label}
                  {isBehind && <VisuallyHidden> (behind you)</VisuallyHidden>}
                </span>
                <span className={classes.hint}>{hint}</span>
              </span>
            </>
          );
          return (
            <li key={step} className={classes.step} data-state={step === now ? "now" : isBehind ? "behind" : "ahead"}>
              {isOpen(step, upload) ? (
                <Link
                  to="/uploads/$uploadId/import"
                  params={{ uploadId: upload.upload_id }}
                  search={(before: Record<string, string | undefined>) => ({ ...before, step })}
                  className={classes.stepLink}
                >
                  {inside}
                </Link>
              ) : (
                <span className={classes.stepLink} aria-disabled="true">
                  {inside}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
