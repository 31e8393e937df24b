// Who is signed in.
import { SimpleGrid, Text } from "@mantine/core";
import type { Me } from "../app/session";
import { exactTime } from "../kit/format";
import { Section } from "./Section";

const ROLES = { owner: "Owner: runs this installation", member: "Member" };

export function Profile({ user }: { user: NonNullable<Me["user"]> }) {
  const facts = [
    { label: "E-mail", value: user.email },
    { label: "Role", value: ROLES[user.role] },
    { label: "Account since", value: exactTime(user.created_at) },
  ];
  return (
    <Section title="Profile">
      <SimpleGrid component="dl" cols={{ base: 1, xs: 3 }} spacing="sm" m={0}>
        {facts.map(({ label, value }) => (
          <div key={label}>
            <Text component="dt" size="xs" c="dimmed">
              {label}
            </Text>
            <Text component="dd" m={0} size="sm" style={{ overflowWrap: "anywhere" }}>
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Section>
  );
}
