// API keys: what exists, what each may do, when it was last used; make, rename, roll and revoke them.
import { Button, Group, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import { ConfirmModal } from "../kit/ConfirmModal";
import { ErrorNote } from "../kit/ErrorNote";
import { Page } from "../kit/Page";
import { RenameModal } from "../kit/RenameModal";
import { tell } from "../kit/toast";
import { CreateKeyModal } from "./CreateKeyModal";
import { KeyList } from "./KeyList";
import type { KeyAction } from "./KeyMenu";
import { KeysEmpty } from "./KeysEmpty";
import { KeyTabs } from "./KeyTabs";
import { NewKeyShown } from "./NewKeyShown";
import { type ApiKey, type createKey, keysQuery, prefixOf } from "./queries";
import { RollKeyModal } from "./RollKeyModal";

type Made = Awaited<ReturnType<typeof createKey>>;
type Open = { what: "create" } | { what: KeyAction; key: ApiKey } | { what: "shown"; made: Made } | null;

const refresh = () => queries.invalidateQueries({ queryKey: keysQuery.queryKey });

export function KeysPage() {
  const { show } = useSearch({ strict: false });
  const navigate = useNavigate();
  const keys = useInfiniteQuery(keysQuery);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const all = keys.data?.pages.flatMap((page) => page.keys) ?? [];
  const ended = all.filter((key) => key.state !== "active").length;
  const shown = show === "all" ? all : all.filter((key) => key.state === "active");
  const showMade = (made: Made) => {
    setOpen({ what: "shown", made });
    void refresh();
  };
  const create = () => setOpen({ what: "create" });
  const rename = async (key: ApiKey, name: string) => {
    await answer(api.PATCH("/api/keys/{key_id}", { params: { path: { key_id: key.id } }, body: { name } }));
    await refresh();
  };
  const revoke = async (key: ApiKey) => {
    await answer(api.DELETE("/api/keys/{key_id}", { params: { path: { key_id: key.id } } }));
    await refresh();
    tell(`“${key.name}” is revoked.`);
  };

  return (
    <Page
      title="API keys"
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={create}>
          Create key
        </Button>
      }
    >
      <KeyTabs />
      {keys.isPending && <Waiting />}
      {keys.isError && all.length === 0 && <ErrorNote error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isSuccess && all.length === 0 && <KeysEmpty onCreate={create} />}
      {all.length > 0 && (
        <Stack gap="sm">
          {ended > 0 && (
            <Group justify="flex-end">
              <Switch
                label={`Show revoked and expired (${ended})`}
                checked={show === "all"}
                onChange={(event) => void navigate({ to: "/keys", search: event.currentTarget.checked ? { show: "all" } : {}, replace: true })}
              />
            </Group>
          )}
          {shown.length > 0 ? (
            <KeyList keys={shown} onAction={(what, key) => setOpen({ what, key })} />
          ) : (
            <Text c="dimmed" ta="center" py="xl">
              No key works right now: all are revoked or have expired.
            </Text>
          )}
          {keys.hasNextPage && (
            <Button variant="default" mx="auto" loading={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
              Show more
            </Button>
          )}
        </Stack>
      )}
      {open?.what === "create" && <CreateKeyModal onMade={showMade} onClose={close} />}
      {open?.what === "shown" && <NewKeyShown text={open.made.key} apiKey={open.made.api_key} onClose={close} />}
      {open?.what === "roll" && <RollKeyModal apiKey={open.key} onMade={showMade} onClose={close} />}
      {open?.what === "rename" && <RenameModal what="key" name={open.key.name} onRename={(name) => rename(open.key, name)} onClose={close} />}
      {open?.what === "revoke" && (
        <ConfirmModal title={`Revoke “${open.key.name}”?`} confirmLabel="Revoke key" onConfirm={() => revoke(open.key)} onClose={close}>
          <Text size="sm">
            Everything that uses <Text span ff="monospace" inherit>{prefixOf(open.key)}</Text> stops at once and for good. What was sent with it stays.
          </Text>
        </ConfirmModal>
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the keys">
      <Skeleton height={37} />
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={55} />
      ))}
    </Stack>
  );
}
