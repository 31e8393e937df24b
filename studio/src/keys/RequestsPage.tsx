// The log of one's own recent requests: what was asked, by which key, and how it went.
import { Button, Skeleton, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { List, RefreshCw } from "lucide-react";
import { useEffect, useRef } from "react";
import { queries } from "../api/queries";
import type { SearchText } from "../app/search";
import { CodeBlock } from "../kit/CodeBlock";
import { EmptyState } from "../kit/EmptyState";
import { plural } from "../kit/format";
import { ErrorNote } from "../kit/ErrorNote";
import { Page } from "../kit/Page";
import { curlOfList } from "./curl";
import { KeyTabs } from "./KeyTabs";
import { RequestDrawer } from "./RequestDrawer";
import { RequestFilters } from "./RequestFilters";
import { filtersOf, requestsQuery } from "./requestQueries";
import { RequestTable } from "./RequestTable";

export function RequestsPage() {
  const search: SearchText = useSearch({ strict: false });
  const navigate = useNavigate();
  const filters = filtersOf(search);
  const isNarrowed = Object.keys(filters).length > 0;
  const requests = useInfiniteQuery(requestsQuery(filters));
  const all = requests.data?.pages.flatMap((page) => page.requests) ?? [];
  const keptDays = requests.data?.pages[0]?.kept_days ?? 0;
  const opened = all.find((request) => request.request_id === search.open);
  const go = (next: SearchText, replace = false) => void navigate({ to: "/keys/requests", search: next, replace });
  const clear = () => go({});

  // A link to one request is meant for its details; closing them must not open them again.
  const shown = useRef("");
  const only = filters.request_id !== undefined && all.length === 1 ? all[0]?.request_id : undefined;
  useEffect(() => {
    if (only === undefined || shown.current === only) return;
    shown.current = only;
    if (search.open === undefined) void navigate({ to: "/keys/requests", search: { ...filtersOf(search), open: only }, replace: true });
  }, [only, search, navigate]);

  return (
    <Page
      title="Requests"
      actions={
        <Button variant="default" leftSection={<RefreshCw size={16} aria-hidden />} loading={requests.isRefetching} onClick={() => void queries.resetQueries({ queryKey: requestsQuery(filters).queryKey })}>
          Refresh
        </Button>
      }
    >
      <KeyTabs />
      <RequestFilters filters={filters} onChange={(changed) => go({ ...filters, ...changed }, true)} onClear={clear} />
      {requests.isPending && <Waiting />}
      {requests.isError && all.length === 0 && <ErrorNote error={requests.error} onRetry={() => void requests.refetch()} />}
      {requests.isSuccess && all.length === 0 && (keptDays === 0 ? <IsOff /> : isNarrowed ? <NoMatch keptDays={keptDays} onClear={clear} /> : <NothingYet />)}
      {all.length > 0 && (
        <Stack gap="sm">
          <RequestTable requests={all} onOpen={(request) => go({ ...filters, open: request.request_id })} />
          {requests.hasNextPage && (
            <Button variant="default" mx="auto" loading={requests.isFetchingNextPage} onClick={() => void requests.fetchNextPage()}>
              Show older
            </Button>
          )}
        </Stack>
      )}
      {opened !== undefined && <RequestDrawer request={opened} onClose={() => go(filters, true)} />}
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap={6} aria-busy aria-label="Loading the requests">
      {Array.from({ length: 8 }, (_, row) => (
        <Skeleton key={row} height={32} />
      ))}
    </Stack>
  );
}

function NoMatch({ keptDays, onClear }: { keptDays: number; onClear: () => void }) {
  return (
    <EmptyState title="No request matches" text={`Requests are kept for ${plural(keptDays, "day")}, and show up about a second after their answer.`}>
      <Button variant="default" onClick={onClear}>
        Clear the filters
      </Button>
    </EmptyState>
  );
}

function NothingYet() {
  return (
    <EmptyState icon={<List size={32} color="var(--muted)" aria-hidden />} title="Nothing was asked yet" text="Every request of your keys and of Studio shows up here within a second, with its status, its time and its id.">
      <CodeBlock code={curlOfList(window.location.origin, "YOUR_KEY")} label="A first request by command line" />
    </EmptyState>
  );
}

function IsOff() {
  return <EmptyState title="The request log is off" text="Whoever runs this server has set it to keep no requests." />;
}
