// A link that opens one upload, read-only, without an account (`/open#sess_...`): exchanged for a cookie, then the table.
import { Button, Loader, Text } from "@mantine/core";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { answer, api } from "../api/client";
import { ApiError } from "../api/errors";
import { queries } from "../api/queries";
import { ErrorNote } from "../kit/ErrorNote";
import { useFragmentSecret } from "../kit/fragment";
import { FrontDoor } from "../kit/FrontDoor";

export function OpenPage() {
  const router = useRouter();
  const token = useFragmentSecret();
  const [failure, setFailure] = useState<unknown>(null);
  const spent = useRef("");

  const open = async () => {
    setFailure(null);
    try {
      const opened = await answer(api.POST("/api/auth/open", { body: { token } }));
      queries.clear(); // another upload's link may have been open before
      router.history.replace(`/uploads/${encodeURIComponent(opened.upload_id)}`);
    } catch (error) {
      setFailure(error);
    }
  };
  useEffect(() => {
    if (token === "" || spent.current === token) return;
    spent.current = token;
    void open();
  });

  if (token !== "" && failure === null) {
    return (
      <FrontDoor title="Opening the upload">
        <Loader size="sm" aria-label="Opening the upload" />
      </FrontDoor>
    );
  }
  const mayPass = failure !== null && !(failure instanceof ApiError && failure.status < 500 && failure.status !== 429);
  if (mayPass) {
    return (
      <FrontDoor title="Not opened yet">
        <ErrorNote error={failure} onRetry={() => void open()} />
      </FrontDoor>
    );
  }
  return (
    <FrontDoor title="This link does not open anything">
      <Text size="sm">
        {token === ""
          ? "Something is missing behind the # of the address. Copy the whole link and open it again."
          : "It may have ended (links work for 24 hours), be cut short, or belong to an upload that was deleted."}
      </Text>
      <Text size="sm">Ask whoever sent it for a new one, or sign in if you have an account.</Text>
      <Button component={Link} to="/sign-in" variant="default">
        Sign in
      </Button>
    </FrontDoor>
  );
}
