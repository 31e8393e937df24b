// E-mail and password, in the shape that browsers and password managers know.
import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { answer, api } from "../api/client";

interface PasswordFormProps {
  onSignedIn: () => Promise<unknown>;
  /** What went wrong before this form was shown. */
  problem: string | null;
}

export function PasswordForm({ onSignedIn, problem }: PasswordFormProps) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(problem);
  const passwordField = useRef<HTMLInputElement>(null);

  const signIn = async () => {
    setBusy(true);
    setError(null);
    try {
      await answer(api.POST("/api/auth/sign-in", { body: { email: email.trim(), password } }));
      await onSignedIn();
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
      passwordField.current?.select();
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void signIn();
      }}
    >
      <Stack gap="md">
        <TextInput label="E-mail" name="email" type="text" inputMode="email" autoComplete="username" autoCapitalize="none" spellCheck={false} value={email} onChange={(event) => setEmail(event.currentTarget.value)} required withAsterisk={false} size="md" autoFocus aria-describedby="sign-in-error" />
        <PasswordInput label="Password" name="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} required withAsterisk={false} size="md" ref={passwordField} aria-describedby="sign-in-error" visibilityToggleButtonProps={{ "aria-label": "Show the password", tabIndex: 0 }} />
        <Text id="sign-in-error" role="alert" size="sm" c="var(--bad-text)" mih={error === null ? 0 : undefined}>
          {error}
        </Text>
        <Button type="submit" size="md" loading={isBusy} fullWidth mt={error === null ? -16 : 0}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
