// One's own account: who one is, the password, light or dark, and where one is signed in.
import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../app/session";
import { ErrorNote } from "../kit/ErrorNote";
import { Page } from "../kit/Page";
import { Appearance } from "./Appearance";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { Sessions } from "./Sessions";

export function SettingsPage() {
  const { data: me, error, refetch } = useQuery(meQuery);
  return (
    <Page title="Settings">
      <Stack gap="md" maw={760}>
        {me?.user ? (
          <>
            <Profile user={me.user} />
            <Appearance />
            <Password email={me.user.email} hasPassword={me.has_password} />
            <Sessions />
          </>
        ) : error !== null ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : me?.user === null ? (
          <>
            <Text c="dimmed">You are here by a read-only link, so there is no account to set up.</Text>
            <Appearance />
          </>
        ) : (
          [120, 110, 220, 200].map((height) => <Skeleton key={height} height={height} />)
        )}
      </Stack>
    </Page>
  );
}
