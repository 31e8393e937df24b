// The last question of a new segment: its name, and whether it follows its tables or keeps what it found.
import { Button, Group, Modal, Radio, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useKept } from "../../kit/kept";
import { useIdempotencyKey } from "../../kit/useIdempotencyKey";
import { create } from "../actions";
import { LabelFields, type Labels } from "../LabelsModal";
import type { SegmentBody, SegmentKind } from "../model";
import { KINDS } from "../words";

interface SaveModalProps {
  body: Pick<SegmentBody, "uploads" | "filter" | "dedupe">;
  onClose: () => void;
}

interface Draft extends Labels {
  kind: SegmentKind;
}

const EMPTY: Draft = { name: "", description: "", tags: [], kind: "live" };

export function SaveModal({ body, onClose }: SaveModalProps) {
  const navigate = useNavigate();
  const [kept, keep] = useKept<Draft>("segment:new:labels");
  const draft = kept ?? EMPTY;
  const { keyFor, forget } = useIdempotencyKey("segment:new");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (part: Partial<Draft>) => {
    setError(null);
    keep({ ...draft, ...part });
  };
  const name = draft.name.trim();
  const save = async () => {
    setBusy(true);
    setError(null);
    const wish: SegmentBody = { ...body, ...draft, name };
    try {
      const segment = await create(wish, keyFor(wish));
      forget();
      keep(null);
      await navigate({ to: "/segments/$segmentId", params: { segmentId: segment.id } });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Save the segment" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== "" && !isBusy) void save();
        }}
      >
        <Stack gap="md">
          <LabelFields labels={draft} error={error} onChange={change} />
          <Radio.Group label="What it does when its tables change" value={draft.kind} onChange={(kind) => change({ kind: kind === "snapshot" ? "snapshot" : "live" })}>
            <Stack gap="xs" mt="xs">
              {KINDS.map(({ value, label, hint }) => (
                <Radio key={value} value={value} label={label} description={hint} />
              ))}
            </Stack>
          </Radio.Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={isBusy} disabled={name === ""}>
              Save segment
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
