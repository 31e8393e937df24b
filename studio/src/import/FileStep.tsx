// Step 1: how the file is read, as detected and as overruled, with its first rows read that way.
import { Alert, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, FileX2 } from "lucide-react";
import { bytes } from "../kit/format";
import { ErrorNote } from "../kit/ErrorNote";
import { StepFooter } from "../kit/StepFooter";
import type { Address } from "./address";
import { decidedOverrides, overruled } from "./layout";
import { LayoutControls } from "./LayoutControls";
import { previewQuery, type Preview, type Upload } from "./queries";
import { Receiving } from "./Receiving";
import { SampleTable } from "./SampleTable";

interface FileStepProps {
  upload: Upload;
  address: Address;
}

export function FileStep({ upload, address }: FileStepProps) {
  if (upload.upload_status === "receiving") return <Receiving upload={upload} />;
  return <CompleteFile upload={upload} address={address} />;
}

/** The file as detected, and as it is read with everything overruled so far. */
export function useFile(address: Address) {
  const detected = useQuery(previewQuery(address.uploadId, {}));
  const decided = detected.data === undefined ? {} : decidedOverrides(detected.data);
  const overrides = Object.keys(address.overrides).length > 0 ? address.overrides : decided;
  const seen = useQuery({ ...previewQuery(address.uploadId, overrides), enabled: detected.data !== undefined, placeholderData: keepPreviousData });
  return { detected, seen, overrides };
}

function CompleteFile({ upload, address }: FileStepProps) {
  const { detected, seen, overrides } = useFile(address);
  const overrule = (member: Parameters<typeof overruled>[0], value: string | null) => {
    // What an earlier decision overruled must be in the address too, or the first change would drop it.
    const kept = Object.keys(address.overrides).length === 0 ? overrides : {};
    address.set({ ...kept, ...overruled(member, value) });
  };
  if (detected.error !== null && detected.data === undefined) return <ErrorNote error={detected.error} onRetry={() => void detected.refetch()} />;
  const shown = seen.data ?? detected.data;
  if (detected.data === undefined || shown === undefined) return <FileSkeleton />;
  const isStale = seen.isPlaceholderData || (seen.data === undefined && seen.isFetching);
  const isHopeless = detected.data.problem !== null && HOPELESS.has(detected.data.problem.code);
  const isReadable = shown.problem === null && seen.error === null;
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Title order={2}>How the file is read</Title>
        <Text c="dimmed" size="sm">
          {shown.file_name ?? "The file"}, {bytes(shown.size_bytes)}.{!isHopeless && " This is what we found; change what is wrong and look at the rows below."}
        </Text>
      </Stack>
      {!isHopeless && (
        <LayoutControls detected={detected.data} shown={shown} overrides={overrides} onChange={overrule} />
      )}
      {seen.error !== null && <ErrorNote error={seen.error} onRetry={() => void seen.refetch()} />}
      {shown.problem !== null && !isStale && <Problem problem={shown.problem} />}
      {isReadable && <SampleTable preview={shown} isStale={isStale} />}
      <StepFooter note={isReadable ? "Nothing is imported yet." : "The file must be readable before its columns can be matched."}>
        <Button
          disabled={!isReadable || isStale}
          rightSection={<ArrowRight size={16} aria-hidden />}
          onClick={() => address.go("match")}
        >
          Match the columns
        </Button>
      </StepFooter>
      {upload.upload_status === "failed" && upload.status_reason !== null && upload.status_reason !== undefined && shown.problem === null && (
        <Text size="sm" c="dimmed">
          The last attempt failed: {upload.status_reason}
        </Text>
      )}
    </Stack>
  );
}

/** No other way of reading helps against these. */
const HOPELESS = new Set(["file_encrypted", "file_empty", "file_bomb", "zip_many_members", "object_damaged"]);

const TITLES: Record<string, string> = {
  file_encrypted: "This file is protected by a password",
  file_empty: "This file is empty",
  file_damaged: "This file is damaged",
  file_truncated: "The end of this file is missing",
  file_bomb: "This file unpacks to far more than it may",
  format_unknown: "We cannot tell what kind of file this is",
  format_unsupported: "This kind of file cannot be read",
  zip_many_members: "There is more than one file in this ZIP",
};

function Problem({ problem }: { problem: NonNullable<Preview["problem"]> }) {
  return (
    <Alert role="alert" color="red" variant="default" icon={<FileX2 size={18} color="var(--bad-line)" aria-hidden />} title={TITLES[problem.code] ?? "The file cannot be read like this"} maw={720}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.message}</Text>
        <Button size="xs" variant="default" renderRoot={(props) => <Link to="/uploads" {...props} />}>
          Import another file
        </Button>
      </Stack>
    </Alert>
  );
}

function FileSkeleton() {
  return (
    <Stack gap="lg" aria-busy="true">
      <Skeleton height={48} />
      <Skeleton height={112} />
      <Skeleton height={360} />
    </Stack>
  );
}
