// Step 2: what each column of the file becomes. Choices stay in the tab until they are sent; sending starts the work.
import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useMemo, useState } from "react";
import { answer, api } from "../api/client";
import { plural } from "../kit/format";
import { ErrorNote } from "../kit/ErrorNote";
import { useKept } from "../kit/kept";
import { StepFooter } from "../kit/StepFooter";
import { ColumnList } from "./ColumnList";
import type { Address } from "./address";
import { useFile } from "./FileStep";
import { IdentityLine } from "./IdentityLine";
import { asLayout } from "./layout";
import { type Choices, faultsOf, fromMapping, identityOf, toMapping } from "./mapping";
import { Origin } from "./Origin";
import { hasTable, isUndecided, type Preview, templatesQuery, type Upload, uploadKey } from "./queries";
import { ReadAgainModal } from "./ReadAgainModal";
import { SaveAs } from "./SaveAs";
import { TemplateBar } from "./TemplateBar";

interface MatchStepProps {
  upload: Upload;
  address: Address;
}

export function MatchStep({ upload, address }: MatchStepProps) {
  const { detected, seen, overrides } = useFile(address);
  const failure = seen.error ?? detected.error;
  if (failure !== null) return <ErrorNote error={failure} onRetry={() => void seen.refetch()} />;
  if (seen.data === undefined || seen.isPlaceholderData) return <Skeleton height={420} aria-busy="true" />;
  if (seen.data.problem !== null) {
    return (
      <Stack align="flex-start">
        <Text>{seen.data.problem.message}</Text>
        <Button variant="default" onClick={() => address.go("file")}>
          Look at how the file is read
        </Button>
      </Stack>
    );
  }
  return <Matching upload={upload} address={address} preview={seen.data} layout={asLayout(overrides)} />;
}

interface MatchingProps extends MatchStepProps {
  preview: Preview;
  layout: ReturnType<typeof asLayout>;
}

function Matching({ upload, address, preview, layout }: MatchingProps) {
  const cache = useQueryClient();
  const columns = useMemo(() => preview.columns.map((column) => column.name), [preview]);
  // Under another delimiter there are other columns: each set of columns keeps its own choices.
  const [kept, keep] = useKept<Choices>(`import:${upload.upload_id}:match:${columns.join("\u001f")}`);
  const [templateName, nameTemplate] = useKept<string>(`import:${upload.upload_id}:template`);
  const [isAsking, setAsking] = useState(false);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const decided = preview.decision?.by === "user" && preview.decision.mapping.columns.every((step) => (step["from"] as string[]).every((name) => columns.includes(name)));
  const proposed = useMemo(() => fromMapping(decided && preview.decision !== null ? preview.decision.mapping : preview.mapping, columns), [preview, columns, decided]);
  const choices = kept ?? proposed;
  const faults = useMemo(() => faultsOf(columns, choices), [columns, choices]);
  const hasIdentity = identityOf(columns, choices).length > 0;
  const isFirst = isUndecided(upload) || !(hasTable(upload) || upload.rows_accepted > 0);

  const save = async () => {
    await answer(
      api.PUT("/api/audience/batch-upload/{upload_id}/mapping", {
        params: { path: { upload_id: upload.upload_id } },
        body: { layout, mapping: toMapping(columns, choices) as never, template: templateName?.trim() === "" ? null : (templateName ?? null) },
      }),
    );
    keep(null);
    nameTemplate(null);
    await Promise.all([cache.invalidateQueries({ queryKey: uploadKey(upload.upload_id) }), cache.invalidateQueries({ queryKey: templatesQuery.queryKey })]);
    address.go("check");
  };
  const start = async () => {
    setSending(true);
    setError(null);
    try {
      await save();
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  const why = !hasIdentity
    ? "No column says who a row is about."
    : faults.size > 0
      ? `${plural(faults.size, "column")} must be changed first.`
      : isFirst
        ? `All ${plural(columns.length, "column")} of the file are accounted for.`
        : "This file has been read already. Reading it again replaces its table.";
  return (
    <Stack gap="md">
      <Stack gap="xs">
        <Title order={2}>What the columns mean</Title>
        <Origin preview={preview} isDecided={decided} isChanged={kept !== null} onReset={() => keep(null)} />
      </Stack>
      <TemplateBar columns={columns} onUse={keep} />
      <IdentityLine columns={columns} choices={choices} />
      <ColumnList preview={preview} choices={choices} faults={faults} onChange={keep} />
      <SaveAs name={templateName} onChange={nameTemplate} />
      {error !== null && <ErrorNote error={error} />}
      <StepFooter note={why}>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("file")}>
          Back
        </Button>
        <Button
          disabled={!hasIdentity || faults.size > 0}
          loading={isSending}
          rightSection={<ArrowRight size={16} aria-hidden />}
          onClick={() => (isFirst ? void start() : setAsking(true))}
        >
          {isFirst ? "Check the rows" : "Read the file again"}
        </Button>
      </StepFooter>
      {isAsking && <ReadAgainModal upload={upload} onConfirm={save} onClose={() => setAsking(false)} />}
    </Stack>
  );
}
