// Names what goes before it goes; what is made from the segment goes only when that is wanted too.
import { List, Text } from "@mantine/core";
import { useState } from "react";
import { ApiError, type Issue } from "../api/errors";
import { ConfirmModal } from "../kit/ConfirmModal";
import { plural } from "../kit/format";
import { tell } from "../kit/toast";
import { worded } from "../kit/worded";
import { erase } from "./actions";
import type { Segment } from "./model";
import { members } from "./words";

interface DeleteSegmentProps {
  segment: Segment;
  onDone: () => void;
  onClose: () => void;
}

export function DeleteSegment({ segment, onDone, onClose }: DeleteSegmentProps) {
  const [users, setUsers] = useState<readonly Issue[]>([]);
  const confirm = async () => {
    try {
      await erase(segment.id, users.length > 0);
    } catch (failure) {
      if (failure instanceof ApiError && failure.code === "segment_in_use") setUsers(failure.issues);
      throw failure;
    }
    tell(`${segment.name} deleted`);
    onDone();
  };
  const byHand = segment.included + segment.excluded;
  return (
    // Asked anew when more goes than was said at first.
    <ConfirmModal key={users.length} title={`Delete ${segment.name}?`} confirmLabel={users.length === 0 ? "Delete this segment" : `Delete it with ${users.length === 1 ? "this" : `all ${users.length}`}`} onConfirm={confirm} onClose={onClose}>
      <Text size="sm">
        The segment{segment.count !== null && ` of ${members(segment.count, segment)}`} goes with its history and the members of its versions
        {byHand > 0 && `, and ${plural(byHand, "entry", "entries")} made by hand`}. The tables it is made from stay as they are. This cannot be undone.
      </Text>
      {users.length > 0 && (
        <>
          <Text size="sm" fw={600} mt="md">
            Made from it, and gone as well:
          </Text>
          <List size="sm" mt={4}>
            {users.map(({ message, pointer }, at) => (
              <List.Item key={`${pointer}${at}`}>{worded(message)}</List.Item>
            ))}
          </List>
        </>
      )}
    </ConfirmModal>
  );
}
