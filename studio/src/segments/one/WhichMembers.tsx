// Says that it is not the members of now that are shown, and leads back.
import { Button, Group, SegmentedControl, Text } from "@mantine/core";
import { count } from "../../kit/format";
import type { Segment } from "../model";
import type { MembersAddress } from "./membersAddress";
import own from "./one.module.css";

interface WhichMembersProps {
  segment: Segment;
  address: MembersAddress;
  onChange: (change: Partial<MembersAddress>) => void;
}

export function WhichMembers({ segment, address, onChange }: WhichMembersProps) {
  const { version, part, since } = address;
  if (version === null && part === "all") return null;
  const shown = version ?? segment.version ?? 1;
  const before = since ?? shown - 1;
  return (
    <Group className={own.which ?? ""} gap="sm" justify="space-between" role="note">
      <Text size="sm">{part === "all" ? `Version ${count(shown)}, with the values of then.` : part === "joined" ? `In version ${count(shown)} and not in version ${count(before)}.` : `In version ${count(before)} and not in version ${count(shown)}, with the values of before.`}</Text>
      <Group gap="xs">
        {before > 0 && (
          <SegmentedControl
            size="xs"
            aria-label="Which members"
            value={part}
            onChange={(value) => onChange({ part: value as MembersAddress["part"], page: 1, member: null })}
            data={[
              { value: "all", label: "All" },
              { value: "joined", label: "Joined" },
              { value: "left", label: "Left" },
            ]}
          />
        )}
        <Button size="compact-sm" variant="subtle" onClick={() => onChange({ version: null, part: "all", since: null, page: 1, member: null })}>
          Members of now
        </Button>
      </Group>
    </Group>
  );
}
