// Enriching one table in four steps; the address says which, the draft of the tab says which are open.
import { Button, Skeleton, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { Steps } from "../../kit/Steps";
import { type Step, STEPS } from "./address";
import { EstimateStep } from "./EstimateStep";
import { GoalStep } from "./GoalStep";
import { MapStep } from "./MapStep";
import { hasTable, isOpen, type Planning, usePlanning } from "./planning";
import { ProvidersStep } from "./ProvidersStep";

const LABELS: Record<Step, [label: string, hint: string]> = {
  goal: ["Goal", "What is missing"],
  providers: ["Providers", "Who is asked, in order"],
  map: ["Map", "From and into columns"],
  estimate: ["Estimate", "What it finds and costs"],
};

export function EnrichPage() {
  const { planning, upload, error, retry } = usePlanning();
  if (planning !== null) return <Wizard planning={planning} />;
  const isEarly = upload !== undefined && !hasTable(upload);
  return (
    <Page title={upload === undefined ? "Enrich" : `Enrich ${upload.upload_name}`}>
      {error !== null ? (
        <Stack align="flex-start">
          <ErrorNote error={error} onRetry={retry} />
          <Link to="/uploads">All uploads</Link>
        </Stack>
      ) : isEarly ? (
        <EmptyState title="There is no table yet" text="An upload can be enriched as soon as its rows are in a table.">
          <LinkButton to="/uploads/$uploadId" params={{ uploadId: upload.upload_id }}>
            See how far it is
          </LinkButton>
        </EmptyState>
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
  const { upload, address, draft, change } = planning;
  const { step, go } = address;
  const open = step !== null && isOpen(step, planning) ? step : draft.steps.length > 0 && step !== null ? "map" : "goal";
  useEffect(() => {
    if (open !== step) go(open, { replace: true });
  }, [open, step, go]);
  const steps = STEPS.map((each) => ({ step: each, label: LABELS[each][0], hint: LABELS[each][1], isOpen: isOpen(each, planning) }));
  const isBegun = draft.steps.length > 0 || draft.goals.length > 0;
  return (
    <Page
      title={`Enrich ${upload.upload_name}`}
      actions={
        <>
          {isBegun && (
            <Button
              variant="subtle"
              color="gray"
              onClick={() => {
                change(null);
                address.setFilters([]);
                go("goal");
              }}
            >
              Start over
            </Button>
          )}
          <LinkButton variant="default" to="/uploads/$uploadId" params={{ uploadId: upload.upload_id }}>
            Back to the table
          </LinkButton>
        </>
      }
    >
      <Stack gap="lg">
        <Steps label="Steps of the enrichment" steps={steps} now={open} />
        {open === "goal" && <GoalStep planning={planning} />}
        {open === "providers" && <ProvidersStep planning={planning} />}
        {open === "map" && <MapStep planning={planning} />}
        {open === "estimate" && <EstimateStep planning={planning} />}
      </Stack>
    </Page>
  );
}
