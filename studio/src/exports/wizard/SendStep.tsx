// Step 5: the first rows as they would leave, what would stay here, then the start: once, or on a schedule.
import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useEffect } from "react";
import { StepFooter } from "../../kit/StepFooter";
import { previewQuery } from "../queries";
import { PreviewTable } from "./PreviewTable";
import { formatOf, isFormulaSafe } from "./plan";
import type { Planning } from "./planning";
import { Refusal } from "./Refusal";
import { StartExport } from "./StartExport";
import { Summary } from "./Summary";
import { lookWish, StaysWords } from "./WhoStays";
import classes from "./wizard.module.css";

export function SendStep({ planning }: { planning: Planning }) {
  const { wish, address, refused } = planning;
  const look = useQuery({ ...previewQuery(lookWish(wish ?? {})), enabled: wish !== null, placeholderData: keepPreviousData });
  const { data, error } = look;
  useEffect(() => {
    if (error !== null) refused(error);
    // Only what was refused newly: the planning is another one in every rendering.
  }, [error]);
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Title order={2}>As it would leave</Title>
        <Text c="dimmed" size="sm" role="status">
          {look.isFetching ? "Preparing the first rows…" : data === undefined ? "" : "Nothing has left yet."}
        </Text>
      </Stack>
      {error !== null && <Refusal error={error} onRetry={() => void look.refetch()} onGo={address.go} />}
      {data === undefined && error === null && (
        <Stack gap="md" aria-busy="true">
          <Skeleton height={76} />
          <Skeleton height={220} />
        </Stack>
      )}
      {data !== undefined && error === null && (
        <Stack gap="lg" className={classes.stale ?? ""} data-stale={look.isPlaceholderData} aria-busy={look.isFetching}>
          <Summary planning={planning} look={data} />
          <PreviewTable look={data} isMadeHarmless={isMadeHarmless(planning)} />
          <section aria-label="Who stays here">
            <StaysWords look={data} />
          </section>
          <StartExport planning={planning} />
        </Stack>
      )}
      <StepFooter>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("people")}>
          Back
        </Button>
      </StepFooter>
    </Stack>
  );
}

/** Hashes hold no formulas. */
function isMadeHarmless({ destination, draft, platform }: Planning): boolean {
  return destination !== null && platform === null && formatOf(destination, draft) === "csv" && isFormulaSafe(destination, draft);
}
