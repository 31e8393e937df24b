// Tries the rule being written on pasted values and on a whole upload; nothing is kept.
import { Button, Group, Select, Stack, Textarea, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { ErrorNote } from "../kit/ErrorNote";
import { count } from "../kit/format";
import { bodyOf, type Draft, shapeOf } from "./draft";
import { TriedUploadShown } from "./TriedUploadShown";
import { TriedValues } from "./TriedValues";

interface TryRuleProps {
  draft: Draft;
  isReady: boolean;
  uploads: Schemas["UploadJson"][];
}

const MAX_VALUES = 1000;

export function TryRule({ draft, isReady, uploads }: TryRuleProps) {
  const [pasted, setPasted] = useState("");
  const [uploadId, setUploadId] = useState<string | null>(null);
  const shape = shapeOf(draft);
  const takesValues = shape.group === "One field";
  const rule = () => bodyOf(draft, draft.name.trim() || "tried");
  const onValues = useMutation({
    mutationFn: async () => {
      const values = pasted.split("\n").slice(0, MAX_VALUES);
      return (await answer(api.POST("/api/audience/rules/try", { body: { rule: rule(), values } }))).results ?? [];
    },
  });
  const onUpload = useMutation({
    mutationFn: async (id: string) => (await answer(api.POST("/api/audience/rules/try", { body: { rule: rule(), upload_id: id } }))).upload,
  });
  const ready = uploads.filter((upload) => upload.status === "ready" || upload.status === "ready_with_errors");

  return (
    <Stack gap="md">
      <Title order={2}>Try it first</Title>
      {takesValues && (
        <Stack gap="xs">
          <Textarea
            label="On values"
            description="One a line"
            autosize
            minRows={3}
            maxRows={8}
            value={pasted}
            onChange={(event) => setPasted(event.currentTarget.value)}
          />
          <Group>
            <Button variant="default" disabled={!isReady || pasted.trim() === ""} loading={onValues.isPending} onClick={() => onValues.mutate()}>
              Try on these values
            </Button>
          </Group>
          {onValues.isError && <ErrorNote error={onValues.error} />}
          {onValues.data !== undefined && <TriedValues tried={onValues.data} field={draft.field.trim()} values={onValues.isSuccess ? pasted.split("\n") : []} />}
        </Stack>
      )}
      <Stack gap="xs">
        <Select
          label="On a whole upload"
          placeholder={ready.length === 0 ? "No upload is ready yet" : "Choose an upload"}
          disabled={ready.length === 0}
          searchable
          data={ready.map((upload) => ({ value: upload.upload_id, label: `${upload.upload_name} (${count(upload.rows_received)} rows)` }))}
          value={uploadId}
          onChange={setUploadId}
        />
        <Group>
          <Button
            variant="default"
            disabled={!isReady || uploadId === null}
            loading={onUpload.isPending}
            onClick={() => {
              if (uploadId !== null) onUpload.mutate(uploadId);
            }}
          >
            Try on this upload
          </Button>
        </Group>
        {onUpload.isError && <ErrorNote error={onUpload.error} />}
        {onUpload.data !== undefined && <TriedUploadShown tried={onUpload.data} />}
      </Stack>
    </Stack>
  );
}
