// Sets one's own password; asks for the one there is, when there is one.
import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ApiError } from "../api/errors";
import { ErrorNote } from "./ErrorNote";

const LEAST = 10; // characters, as the server asks for

interface SetPasswordFormProps {
  email: string;
  needsCurrent: boolean;
  submitLabel: string;
  autoFocus?: boolean;
  onSet: (sessionsEnded: number) => void;
}

export function SetPasswordForm({ email, needsCurrent, submitLabel, autoFocus = false, onSet }: SetPasswordFormProps) {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isShort = [...wanted].length < LEAST;
  const fieldError = (field: string) =>
    error instanceof ApiError ? error.issues.find((issue) => issue.field === field)?.message : undefined;
  const isWrong = error instanceof ApiError && error.code === "password_wrong";
  const isSaidByField = isWrong || fieldError("new_password") !== undefined;

  const set = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { new_password: wanted, current_password: needsCurrent ? current : null };
      const { sessions_ended: ended } = await answer(api.POST("/api/auth/password", { body }));
      setCurrent("");
      setWanted("");
      onSet(ended);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && !isShort) void set();
      }}
    >
      <Stack gap="md">
        {/* Tells password managers whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        {needsCurrent && (
          <PasswordInput label="Current password" name="current" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} error={isWrong && "This is not your current password."} required withAsterisk={false} visibilityToggleButtonProps={{ "aria-label": "Show the current password", tabIndex: 0 }} />
        )}
        <PasswordInput label="New password" name="new" description={`At least ${LEAST} characters; a few words are easier to keep than signs`} autoComplete="new-password" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} error={fieldError("new_password")} required withAsterisk={false} autoFocus={autoFocus} visibilityToggleButtonProps={{ "aria-label": "Show the new password", tabIndex: 0 }} />
        {error !== null && !isSaidByField && <ErrorNote error={error} />}
        <Group>
          <Button type="submit" disabled={isShort || (needsCurrent && current === "")} loading={isBusy}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
