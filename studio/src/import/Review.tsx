// What the check found: causes on the left; on the right the rows of one cause, to fix one by one or all alike.
import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight, CircleCheck } from "lucide-react";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";
import { plural } from "../kit/format";
import { StepFooter } from "../kit/StepFooter";
import type { Address } from "./address";
import { CauseList } from "./CauseList";
import { DownloadRejects } from "./DownloadRejects";
import { inWords } from "./fields";
import { FixAll } from "./FixAll";
import classes from "./import.module.css";
import { Numbers } from "./Numbers";
import { isFile, type Upload } from "./queries";
import { RejectGrid } from "./RejectGrid";
import { DISCARDED, type Issues, type IssueGroup, issuesQuery } from "./rejects";

const ALL = "all";

/** A cause as the address names it. */
export const nameOf = (group: IssueGroup) => `${group.severity}:${group.code}:${group.field ?? ""}`;

export function Review({ upload, address }: { upload: Upload; address: Address }) {
  const { data: issues, error, refetch } = useQuery(issuesQuery(upload.upload_id));
  if (error !== null && issues === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (issues === undefined) return <Skeleton height={420} aria-busy="true" />;
  return (
    <Stack gap="lg">
      <Numbers issues={issues} />
      {issues.groups.length === 0 ? (
        <EmptyState icon={<CircleCheck size={32} color="var(--good-text)" aria-hidden />} title="Every row is fine" text={`${plural(issues.rows_accepted, "row")} passed every rule; none was set aside.`} />
      ) : (
        <Causes upload={upload} address={address} issues={issues} />
      )}
      <StepFooter note={footerNote(issues)}>
        {isFile(upload) && (
          <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("match")}>
            Back
          </Button>
        )}
        <Button rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => address.go("done")}>
          {issues.rows_rejected > issues.rows_discarded ? "Finish without the rest" : "Finish"}
        </Button>
      </StepFooter>
    </Stack>
  );
}

function footerNote(issues: Issues): string {
  const open = issues.rows_rejected - issues.rows_discarded;
  return open > 0 ? `${plural(open, "row")} set aside; ${open === 1 ? "it stays" : "they stay"} here until fixed or discarded.` : "No row is waiting to be fixed.";
}

function Causes({ upload, address, issues }: { upload: Upload; address: Address; issues: Issues }) {
  const wanted = address.search["cause"];
  const group = issues.groups.find((each) => nameOf(each) === wanted) ?? (wanted === ALL ? null : (issues.groups[0] ?? null));
  const offset = Math.max(0, Number.parseInt(address.search["from"] ?? "0", 10) || 0);
  const choose = (cause: string) => address.set({ cause, from: null });
  return (
    <div className={classes.review}>
      <CauseList issues={issues} chosen={group === null ? ALL : nameOf(group)} onChoose={choose} allName={ALL} />
      <Stack gap="md" miw={0} component="section" aria-label="Rows of this cause">
        {group !== null && group.severity === "reject" && group.code !== DISCARDED && <FixAll key={nameOf(group)} upload={upload} group={group} />}
        {group === null || group.severity === "reject" ? (
          <Stack gap="xs">
            <RejectGrid upload={upload} group={group} offset={offset} onPage={(from) => address.set({ from: from === 0 ? null : String(from) })} />
            <DownloadRejects uploadId={upload.upload_id} />
          </Stack>
        ) : (
          <InTable upload={upload} group={group} />
        )}
      </Stack>
    </div>
  );
}

/** Findings about rows that are in the table: they are looked at there. */
function InTable({ upload, group }: { upload: Upload; group: IssueGroup }) {
  return (
    <Stack gap="sm" align="flex-start">
      <Title order={3}>{group.severity === "warn" ? "These rows are in the table, with a warning" : "These values were put into their usual form"}</Title>
      <Text size="sm">{inWords(group.message)}</Text>
      <Text size="sm" c="dimmed">
        For example: {group.samples.map((sample) => `row ${sample.row + 1}${sample.value === null ? "" : ` (“${sample.value}”)`}`).join(", ")}.
      </Text>
      <Button variant="default" component="a" href={`/uploads/${encodeURIComponent(upload.upload_id)}?view=issues`}>
        See them in the table
      </Button>
    </Stack>
  );
}
