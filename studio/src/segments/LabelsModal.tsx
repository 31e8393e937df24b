// How a segment is called, described and tagged; its members stay as they are.
import { Button, Group, Modal, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { ApiError } from "../api/errors";
import { ErrorNote } from "../kit/ErrorNote";
import { tell } from "../kit/toast";
import { change } from "./actions";
import type { Segment } from "./model";

export interface Labels {
  name: string;
  description: string;
  tags: string[];
}

export function LabelsModal({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const [labels, setLabels] = useState<Labels>({ name: segment.name, description: segment.description, tags: segment.tags });
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await change(segment.id, { ...labels, name: labels.name.trim() });
      tell(`${labels.name.trim()} saved`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Name, description, tags" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (labels.name.trim() !== "" && !isBusy) void save();
        }}
      >
        <Stack gap="md">
          <LabelFields labels={labels} error={error} onChange={(part) => setLabels((before) => ({ ...before, ...part }))} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={labels.name.trim() === ""}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface LabelFieldsProps {
  labels: Labels;
  error: unknown;
  onChange: (part: Partial<Labels>) => void;
}

export function LabelFields({ labels, error, onChange }: LabelFieldsProps) {
  const isTaken = error instanceof ApiError && error.code === "segment_name_taken";
  const mistake = (pointer: string) => (error instanceof ApiError ? error.issues.find((issue) => issue.pointer.startsWith(pointer))?.message : undefined);
  return (
    <>
      <TextInput
        label="Name"
        value={labels.name}
        maxLength={200}
        required
        withAsterisk={false}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={isTaken ? error.message : mistake("/name")}
        autoComplete="off"
        data-autofocus
      />
      <Textarea label="Description" description="What it is for" autosize minRows={2} maxRows={6} maxLength={2000} value={labels.description} onChange={(event) => onChange({ description: event.currentTarget.value })} error={mistake("/description")} />
      <TagsInput label="Tags" description="To find it again; Enter adds one" maxTags={20} value={labels.tags} onChange={(tags) => onChange({ tags })} error={mistake("/tags")} acceptValueOnBlur />
      {error !== null && !isTaken && <ErrorNote error={error} />}
    </>
  );
}
