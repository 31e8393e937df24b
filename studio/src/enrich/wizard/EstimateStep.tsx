// Step 4: what the run would find and cost, before anything is stored; then it is started.
import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../../api/errors";
import { allOf } from "../../filter/ast";
import { ErrorNote } from "../../kit/ErrorNote";
import { StepFooter } from "../../kit/StepFooter";
import { estimateQuery } from "../queries";
import type { RunBody } from "../model";
import type { Step } from "./address";
import { EstimateNumbers } from "./EstimateNumbers";
import { wishOf } from "./plan";
import type { Planning } from "./planning";
import { SampleTable } from "./SampleTable";
import { StartRun } from "./StartRun";
import { StepsTable } from "./StepsTable";
import { TargetsTable } from "./TargetsTable";
import classes from "./wizard.module.css";

export function EstimateStep({ planning }: { planning: Planning }) {
  const { upload, draft, steps, address, providers, refused } = planning;
  const { filters } = address;
  const columns = useMemo(() => [...new Set(steps.flatMap((step) => Object.values(step.outputs)))].filter((name) => name !== null), [steps]);
  const name = `${columns.slice(0, 3).join(", ")}${columns.length > 3 ? ` and ${columns.length - 3} more` : ""} for ${upload.upload_name}`.slice(0, 200);
  const wish = useMemo(
    () => wishOf({ uploadId: upload.upload_id, draft, steps, filter: allOf(filters), name, providers }),
    [upload.upload_id, draft, steps, filters, name, providers],
  );
  const asked = useMemo(() => withoutWords(wish), [wish]);
  const [paidFor, setPaidFor] = useState("");
  const isPaid = paidFor === JSON.stringify(asked);
  const estimate = useQuery({ ...estimateQuery(asked, isPaid), ...(isPaid ? { placeholderData: keepPreviousData } : {}) });
  const { data, error } = estimate;
  useEffect(() => {
    if (error !== null) refused(error);
    // Only what was refused newly: the planning is another one in every rendering.
  }, [error]);
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Title order={2}>What it would find and cost</Title>
        <Text c="dimmed" size="sm" role="status">
          {estimate.isFetching ? "Asking about a sample of rows…" : data === undefined ? "" : "From a sample spread over the rows. Nothing is stored yet."}
        </Text>
      </Stack>
      {error !== null && <Refusal error={error} onRetry={() => void estimate.refetch()} onGo={address.go} />}
      {data === undefined && error === null && <Waiting />}
      {data !== undefined && (
        <Stack gap="lg" className={classes.estimate ?? ""} data-stale={estimate.isPlaceholderData} aria-busy={estimate.isFetching}>
          <EstimateNumbers estimate={data} isAsking={estimate.isFetching} hasAskedPaid={isPaid} onAskPaid={() => setPaidFor(JSON.stringify(asked))} />
          <TargetsTable estimate={data} />
          <StepsTable estimate={data} />
          <SampleTable estimate={data} />
          <StartRun planning={planning} wish={wish} estimate={data} />
        </Stack>
      )}
      <StepFooter>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("map")}>
          Back
        </Button>
      </StepFooter>
    </Stack>
  );
}

/** A name and a budget change nothing of what would be found: typing them asks nothing anew. */
function withoutWords(wish: RunBody): RunBody {
  const { budget: _budget, ...others } = wish;
  return { ...others, name: "Estimate" };
}

interface RefusalProps {
  error: unknown;
  onRetry: () => void;
  onGo: (step: Step) => void;
}

/** Each mistake leads to the step where it can be mended. */
function Refusal({ error, onRetry, onGo }: RefusalProps) {
  const issues = error instanceof ApiError ? error.issues : [];
  return (
    <Stack gap="xs">
      <ErrorNote error={error} onRetry={onRetry} />
      {issues.map(({ pointer, message }) => {
        const step: Step = /^\/providers\/\d+\/(settings|connection|provider)/.test(pointer) ? "providers" : "map";
        return (
          <Text key={pointer + message} size="sm">
            {message}{" "}
            <Button size="compact-xs" variant="subtle" onClick={() => onGo(step)}>
              Change it
            </Button>
          </Text>
        );
      })}
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap="md" aria-busy="true">
      <Skeleton height={76} />
      <Skeleton height={140} />
      <Skeleton height={220} />
    </Stack>
  );
}
