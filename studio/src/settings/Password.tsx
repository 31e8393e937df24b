// Sets or changes the password, which signs out everywhere else.
import { Box } from "@mantine/core";
import { queries } from "../api/queries";
import { meQuery } from "../app/session";
import { plural } from "../kit/format";
import { SetPasswordForm } from "../kit/SetPasswordForm";
import { tell } from "../kit/toast";
import { Section } from "./Section";
import { sessionsQuery } from "./queries";

export function Password({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  const onSet = (ended: number) => {
    tell(ended === 0 ? "Password set." : `Password set. ${plural(ended, "other session")} ended.`);
    void queries.invalidateQueries({ queryKey: meQuery.queryKey });
    void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  return (
    <Section
      title="Password"
      text={hasPassword ? "A new password signs you out everywhere but here." : "You came in by a link. Set a password, so that you can sign in without one."}
    >
      <Box maw={400}>
        <SetPasswordForm email={email} needsCurrent={hasPassword} submitLabel={hasPassword ? "Change password" : "Set password"} onSet={onSet} />
      </Box>
    </Section>
  );
}
