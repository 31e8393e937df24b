// What can be done with one schedule of the list.
import { ActionIcon, Menu } from "@mantine/core";
import { CirclePause, CirclePlay, Ellipsis, List, Pencil, Play, Trash2 } from "lucide-react";
import { LinkItem } from "../../kit/links";
import type { Schedule } from "../model";
import type { Action } from "./useScheduleActions";

interface ScheduleMenuProps {
  schedule: Schedule;
  onAction: (action: Action) => void;
}

export function ScheduleMenu({ schedule, onAction }: ScheduleMenuProps) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${schedule.name}`}>
          <Ellipsis size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Play size={16} aria-hidden />} onClick={() => onAction("run")}>
          Run now
        </Menu.Item>
        {schedule.enabled ? (
          <Menu.Item leftSection={<CirclePause size={16} aria-hidden />} onClick={() => onAction("pause")}>
            Pause
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<CirclePlay size={16} aria-hidden />} onClick={() => onAction("resume")}>
            Resume
          </Menu.Item>
        )}
        <LinkItem to="/exports/schedules/$scheduleId" params={{ scheduleId: schedule.schedule_id }} leftSection={<Pencil size={16} aria-hidden />}>
          Edit
        </LinkItem>
        <LinkItem to="/exports" search={{ schedule: schedule.schedule_id }} leftSection={<List size={16} aria-hidden />}>
          Its exports
        </LinkItem>
        <Menu.Divider />
        <Menu.Item c="var(--bad-text)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => onAction("delete")}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
