// Making an export in five steps; the address says which, the draft of the tab says which are open.
import { Button, Skeleton, Stack } from "@mantine/core";
import { useEffect } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor, LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { Steps } from "../../kit/Steps";
import { type Step, STEPS } from "./address";
import { ChooseSource } from "./ChooseSource";
import { ColumnsStep } from "./ColumnsStep";
import { PeopleStep } from "./PeopleStep";
import { isOpen, type Planning, usePlanning } from "./planning";
import { RowsStep } from "./RowsStep";
import { SendStep } from "./SendStep";
import { WhereStep } from "./WhereStep";

const LABELS: Record<Step, [label: string, hint: string]> = {
  rows: ["Rows", "Which people"],
  where: ["Where", "A file or a destination"],
  columns: ["Columns", "Which, and their names"],
  people: ["Consent", "Who may leave"],
  send: ["Send", "Look, then start"],
};

export function ExportWizard() {
  const { address, planning, error, retry } = usePlanning();
  if (planning !== null) return <Wizard planning={planning} />;
  const isUnsaid = address.source === null && address.like === null;
  return (
    <Page title="New export">
      {error !== null ? (
        <Stack align="flex-start">
          <ErrorNote error={error} onRetry={retry} />
          <LinkAnchor to="/exports/new" search={{}}>
            Choose another source
          </LinkAnchor>
        </Stack>
      ) : isUnsaid ? (
        <ChooseSource address={address} />
      ) : (
        <Stack gap="lg" aria-busy="true">
          <Skeleton height={52} />
          <Skeleton height={420} />
        </Stack>
      )}
    </Page>
  );
}

function Wizard({ planning }: { planning: Planning }) {
  const { address, change, name } = planning;
  const { step, go } = address;
  const open = nearest(step, planning);
  useEffect(() => {
    if (open !== step) go(open, { replace: true });
  }, [open, step, go]);
  const steps = STEPS.map((each) => ({ step: each, label: LABELS[each][0], hint: LABELS[each][1], isOpen: isOpen(each, planning) }));
  return (
    <Page
      title={`Export ${name}`}
      actions={
        <>
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              change(null);
              go("rows");
            }}
          >
            Start over
          </Button>
          <LinkButton variant="default" to="/exports" search={{}}>
            All exports
          </LinkButton>
        </>
      }
    >
      <Stack gap="lg">
        <Steps label="Steps of the export" steps={steps} now={open} />
        {open === "rows" && <RowsStep planning={planning} />}
        {open === "where" && <WhereStep planning={planning} />}
        {open === "columns" && <ColumnsStep planning={planning} />}
        {open === "people" && <PeopleStep planning={planning} />}
        {open === "send" && <SendStep planning={planning} />}
      </Stack>
    </Page>
  );
}

/** The step that is asked for, or the last one before it that is open. */
function nearest(step: Step | null, planning: Planning): Step {
  const before = STEPS.slice(0, STEPS.indexOf(step ?? "rows") + 1);
  return [...before].reverse().find((each) => isOpen(each, planning)) ?? "rows";
}
