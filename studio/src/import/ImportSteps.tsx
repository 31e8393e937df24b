// The four steps of an import, and which of them the state of the upload lets be opened.
import { Steps } from "../kit/Steps";
import { type Step, STEPS } from "./address";
import { isFile, isOpen, type Upload } from "./queries";

const LABELS: Record<Step, [label: string, hint: string]> = {
  file: ["File", "How it is read"],
  match: ["Match", "What columns mean"],
  check: ["Check", "What needs fixing"],
  done: ["Done", "The clean table"],
};

export function ImportSteps({ upload, now }: { upload: Upload; now: Step }) {
  const steps = STEPS.filter((step) => isFile(upload) || step === "check" || step === "done").map((step) => {
    const [label, hint] = LABELS[step];
    return { step, label, hint, isOpen: isOpen(step, upload) };
  });
  return <Steps label="Steps of the import" steps={steps} now={now} />;
}
