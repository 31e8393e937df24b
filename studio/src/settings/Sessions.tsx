// Where one is signed in: end one session, or all of them.
import { Badge, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import { ConfirmModal } from "../kit/ConfirmModal";
import { ErrorNote } from "../kit/ErrorNote";
import { plural } from "../kit/format";
import { tell } from "../kit/toast";
import { When } from "../kit/When";
import { type Session, sessionsQuery } from "./queries";
import { Section } from "./Section";
import classes from "./Sessions.module.css";

const nameOf = (session: Session) => session.user_agent ?? "An unknown browser";

export function Sessions() {
  const { data, error, refetch, isPending } = useQuery(sessionsQuery);
  const navigate = useNavigate();
  const [ending, setEnding] = useState<Session | "all" | null>(null);
  const sessions = data?.sessions ?? [];

  const endOne = async (session: Session) => {
    await answer(api.DELETE("/api/auth/sessions/{session_id}", { params: { path: { session_id: session.id } } }));
    await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    tell(`${nameOf(session)} is signed out.`);
  };
  const endAll = async () => {
    await answer(api.POST("/api/auth/sign-out", { body: { everywhere: true } }));
    await navigate({ to: "/sign-in", search: { signed_out: "everywhere" } });
    queries.clear();
  };

  return (
    <Section title="Sessions" text="Browsers you are signed in with. End one you do not know, then change your password.">
      {isPending && <Skeleton height={120} />}
      {error !== null && data === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <Stack component="ul" gap={0} className={classes.list}>
            {sessions.map((session) => (
              <Group key={session.id} component="li" wrap="nowrap" gap="sm" className={classes.session}>
                <MonitorSmartphone size={20} color="var(--muted)" aria-hidden style={{ flexShrink: 0 }} />
                <div className={classes.words}>
                  <Group gap="xs">
                    <Text size="sm" fw={600}>
                      {nameOf(session)}
                    </Text>
                    {session.is_current && <Badge styles={{ root: { background: "var(--info-fill)", color: "var(--info-text)" } }}>This browser</Badge>}
                  </Group>
                  <Text size="xs" c="dimmed">
                    {session.address !== null && <>from {session.address}, </>}
                    last seen <When at={session.last_seen_at} />, signed in <When at={session.created_at} />
                  </Text>
                </div>
                {!session.is_current && (
                  <Button variant="default" size="xs" onClick={() => setEnding(session)} aria-label={`End the session of ${nameOf(session)}`}>
                    End
                  </Button>
                )}
              </Group>
            ))}
          </Stack>
          <Group>
            <Button variant="default" onClick={() => setEnding("all")}>
              Sign out everywhere
            </Button>
          </Group>
        </>
      )}
      {ending === "all" && (
        <ConfirmModal title="Sign out everywhere?" confirmLabel="Sign out everywhere" onConfirm={endAll} onClose={() => setEnding(null)}>
          <Text size="sm">{plural(sessions.length, "session")} will end, this one too. API keys go on working.</Text>
        </ConfirmModal>
      )}
      {ending !== null && ending !== "all" && (
        <ConfirmModal title={`End the session of ${nameOf(ending)}?`} confirmLabel="End session" onConfirm={() => endOne(ending)} onClose={() => setEnding(null)}>
          <Text size="sm">
            {ending.address !== null && <>It was last seen from {ending.address}. </>}Whoever uses it has to sign in again.
          </Text>
        </ConfirmModal>
      )}
    </Section>
  );
}
