// Uploads: what is on its way on top, below it everything there is, to be found, opened, shared and deleted.
import { Alert, Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus, Terminal } from "lucide-react";
import { useEffect, useState } from "react";
import { meQuery } from "../app/session";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";
import { plural } from "../kit/format";
import { Page } from "../kit/Page";
import { refreshList } from "./actions";
import { ChooseFiles } from "./ChooseFiles";
import { CurlBox } from "./CurlBox";
import { DropZone } from "./DropZone";
import { EmptyUploads } from "./EmptyUploads";
import { useUploads } from "./list";
import { ListSkeleton } from "./ListSkeleton";
import { dismiss, keepOnly, onFileDone } from "./queue/queue";
import { current, useQueue } from "./queue/store";
import { QueuePanel, useInterrupted } from "./QueuePanel";
import { Toolbar } from "./Toolbar";
import { UploadCard } from "./UploadCard";
import styles from "./uploads.module.css";
import { toggled, UploadsTable } from "./UploadsTable";
import { isFiltered, useListWish } from "./urlState";
import { useRowActions } from "./useRowActions";
import { useSendFiles } from "./useSendFiles";

export function UploadsPage() {
  const { data: me } = useQuery(meQuery);
  return me?.user ? <Uploads userId={me.user.id} /> : null; // a read-only link never leads here
}

function Uploads({ userId }: { userId: string }) {
  const [wish, changeWish] = useListWish();
  const list = useUploads(userId, wish);
  const sendFiles = useSendFiles();
  const isNarrow = useMediaQuery("(max-width: 60em)", false, { getInitialValueInEffect: false });
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [isApiShown, api] = useDisclosure(false);
  const inPanel = usePanelIds(userId);
  useEffect(() => keepOnly(userId), [userId]);
  useOpenWhenDone();
  const uploads = isFiltered(wish) ? list.uploads : list.uploads.filter((one) => !inPanel.has(one.upload_id));
  const ticked = uploads.filter((one) => selected.has(one.upload_id));
  const actions = useRowActions(ticked, () => select(new Set()));
  const isEmpty = list.isSuccess && list.total === 0 && !isFiltered(wish) && !list.isPlaceholderData;
  const view = { uploads, selected: new Set(ticked.map((one) => one.upload_id)), onSelect: select, onAction: actions.run };
  return (
    <Page
      title="Uploads"
      actions={
        <>
          <Button variant="default" leftSection={<Terminal size={16} aria-hidden />} onClick={api.open}>
            Use the API
          </Button>
          <ChooseFiles label="New upload" leftSection={<Plus size={16} aria-hidden />} onFiles={sendFiles} />
        </>
      }
    >
      <DropZone onFiles={sendFiles} />
      <QueuePanel userId={userId} onFiles={sendFiles} />
      {isEmpty ? (
        inPanel.size === 0 && <EmptyUploads onFiles={sendFiles} />
      ) : (
        <Toolbar wish={wish} onChange={changeWish} hasSort={isNarrow} />
      )}
      {list.isPending && <ListSkeleton />}
      {list.error !== null && list.data === undefined && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.error !== null && list.data !== undefined && (
        <Alert variant="default" role="status" mb="sm">
          The list may be old: {list.error.message}
        </Alert>
      )}
      {list.isSuccess && !list.isPlaceholderData && uploads.length === 0 && isFiltered(wish) && (
        <EmptyState title="No upload matches" text="Nothing has this name and status.">
          <Button variant="default" onClick={() => changeWish({ q: "", statuses: [] })}>
            Clear filters
          </Button>
        </EmptyState>
      )}
      {uploads.length > 0 && (
        <div className={list.isPlaceholderData ? styles.stale : ""} aria-busy={list.isPlaceholderData}>
          {isNarrow ? (
            <ul className={styles.cards} aria-label="Uploads">
              {uploads.map((upload) => (
                <UploadCard
                  key={upload.upload_id}
                  upload={upload}
                  isSelected={view.selected.has(upload.upload_id)}
                  onSelect={() => select(toggled(view.selected, upload.upload_id))}
                  onAction={actions.run}
                />
              ))}
            </ul>
          ) : (
            <UploadsTable {...view} sort={wish.sort} onSort={(sort) => changeWish({ sort })} />
          )}
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {uploads.length < list.total ? `${uploads.length} of ${plural(list.total, "upload")}` : plural(list.total, "upload")}
            </Text>
            {list.hasNextPage && (
              <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            )}
          </Group>
        </div>
      )}
      {actions.shown}
      <Modal opened={isApiShown} onClose={api.close} title="Upload by the API" size="xl" closeButtonProps={{ "aria-label": "Close" }}>
        <CurlBox />
      </Modal>
    </Page>
  );
}

/** What the panel on top shows need not stand in the list as well. */
function usePanelIds(userId: string): ReadonlySet<string> {
  const queue = useQueue();
  const interrupted = useInterrupted(userId);
  const ids = [...queue.filter(({ state }) => state !== "done"), ...interrupted].map(({ uploadId }) => uploadId);
  return new Set(ids.filter((id) => id !== null));
}

/** A file that came alone is opened in the import as soon as it is there. */
function useOpenWhenDone(): void {
  const navigate = useNavigate();
  useEffect(
    () =>
      onFileDone((uploadId) => {
        void refreshList();
        const [only, ...others] = current();
        if (only === undefined || others.length > 0) return;
        dismiss(only.id);
        void navigate({ to: "/uploads/$uploadId/import", params: { uploadId } });
      }),
    [navigate],
  );
}
