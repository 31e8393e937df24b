// What can be done with a schedule, with the questions some of it asks first.
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { tell, tellError } from "../../kit/toast";
import type { Schedule } from "../model";
import { changeSchedule, deleteSchedule, runSchedule } from "./queries";
import { momentWords, nextTimeAfter } from "./words";

export type Action = "run" | "pause" | "resume" | "delete";

interface ScheduleActions {
  act: (action: Action, schedule: Schedule) => void;
  /** The question that is open, if any. */
  question: ReactNode;
}

/** leave: goes away from the page of a schedule that is gone. */
export function useScheduleActions(leave: () => Promise<void> = () => Promise.resolve()): ScheduleActions {
  const [asked, setAsked] = useState<{ what: "resume" | "delete"; schedule: Schedule } | null>(null);
  const close = () => setAsked(null);
  const act = (action: Action, schedule: Schedule) => {
    if (action === "run") void run(schedule);
    else if (action === "pause") void switchTo(schedule, false);
    else if (action === "delete") setAsked({ what: "delete", schedule });
    else if (Date.parse(schedule.next_at) > Date.now()) void switchTo(schedule, true);
    else setAsked({ what: "resume", schedule });
  };
  const question =
    asked === null ? null : asked.what === "resume" ? (
      <ResumeModal schedule={asked.schedule} onClose={close} />
    ) : (
      <ConfirmModal
        title={`Delete “${asked.schedule.name}”?`}
        confirmLabel="Delete schedule"
        onConfirm={async () => {
          await deleteSchedule(asked.schedule.schedule_id, leave);
          tell(`“${asked.schedule.name}” is deleted.`);
        }}
        onClose={close}
      >
        <Text size="sm">Nothing is exported by it any more. The exports it made stay in the list, and so does what was delivered.</Text>
      </ConfirmModal>
    );
  return { act, question };
}

async function run(schedule: Schedule): Promise<void> {
  try {
    await runSchedule(schedule.schedule_id);
    tell(`“${schedule.name}” runs now. Its next time stays as it was.`);
  } catch (failure) {
    tellError(`“${schedule.name}” was not run`, failure);
  }
}

/** startsAt: when it is due next; null as it was. */
async function switchTo(schedule: Schedule, enabled: boolean, startsAt: string | null = null): Promise<void> {
  try {
    await changeSchedule(schedule.schedule_id, { enabled, ...(startsAt === null ? {} : { starts_at: startsAt }) });
    tell(enabled ? `“${schedule.name}” goes on.` : `“${schedule.name}” is paused.`);
  } catch (failure) {
    tellError(`“${schedule.name}” was not changed`, failure);
  }
}

/** Its time passed while it was paused: whether to make up for it is the user's to say. */
function ResumeModal({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const [next] = useState(() => nextTimeAfter(schedule, Date.now()));
  const choose = (startsAt: string | null) => {
    void switchTo(schedule, true, startsAt);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={`Resume “${schedule.name}”`} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text size="sm">
          It was due on {momentWords(schedule.next_at)}, while it was paused. Its next regular time is {momentWords(next)}.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => choose(null)}>
            Make up for it now
          </Button>
          <Button onClick={() => choose(next)} data-autofocus>
            Wait for the next time
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
