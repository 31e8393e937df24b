// Suppressions: people who must not leave, whatever an export says.
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Plus, ShieldOff } from "lucide-react";
import { useState } from "react";
import { ConfirmModal } from "../../kit/ConfirmModal";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { tell } from "../../kit/toast";
import { ExportTabs } from "../ExportTabs";
import { CheckValue } from "./CheckValue";
import { type Entry, removeEntry, suppressionsQuery } from "./queries";
import { SuppressionList } from "./SuppressionList";
import { isKind, KINDS } from "./words";

export function SuppressionsPage() {
  const search = useSearch({ strict: false });
  const kind = isKind(search.kind) ? search.kind : "";
  const suppressions = useInfiniteQuery(suppressionsQuery(kind));
  const [doomed, setDoomed] = useState<Entry | null>(null);
  const all = suppressions.data?.pages.flatMap((page) => page.suppressions) ?? [];
  const [first] = suppressions.data?.pages ?? [];
  const counts = first?.counts ?? {};
  const everything = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const remove = async ({ id }: Entry) => {
    await removeEntry(id);
    tell("The entry is off the list.");
  };
  return (
    <Page
      title="Exports"
      actions={
        <LinkButton to="/exports/suppressions/add" leftSection={<Plus size={16} aria-hidden />}>
          Add people
        </LinkButton>
      }
    >
      <ExportTabs />
      <Stack gap="md">
        <Text c="dimmed" maw={720}>
          People on this list are left out of every export, whatever it says. Only fingerprints are kept: the list cannot be read back, but you can check whether somebody is on it.
        </Text>
        {suppressions.isPending && <Waiting />}
        {suppressions.isError && all.length === 0 && <ErrorNote error={suppressions.error} onRetry={() => void suppressions.refetch()} />}
        {first !== undefined && everything === 0 && (
          <EmptyState icon={<ShieldOff size={32} color="var(--muted)" aria-hidden />} title="Nobody is on the list" text="Put e-mail addresses, phone numbers or whole domains on it, pasted or from a file.">
            <LinkButton to="/exports/suppressions/add">Add the first people</LinkButton>
          </EmptyState>
        )}
        {everything > 0 && (
          <>
            <CheckValue />
            <Kinds chosen={kind} counts={counts} everything={everything} />
            {all.length > 0 ? (
              <SuppressionList entries={all} onRemove={setDoomed} />
            ) : (
              first !== undefined && (
                <Text c="dimmed" ta="center" py="xl">
                  No entry of this kind.
                </Text>
              )
            )}
            <Group justify="space-between">
              <Text size="sm" c="dimmed" role="status">
                {all.length < (first?.total ?? 0) ? `${count(all.length)} of ${plural(first?.total ?? 0, "entry", "entries")}, the newest first` : plural(all.length, "entry", "entries")}
              </Text>
              {suppressions.hasNextPage && (
                <Button variant="default" loading={suppressions.isFetchingNextPage} onClick={() => void suppressions.fetchNextPage()}>
                  Show older
                </Button>
              )}
            </Group>
          </>
        )}
      </Stack>
      {doomed !== null && (
        <ConfirmModal title="Remove this entry?" confirmLabel="Remove entry" onConfirm={() => remove(doomed)} onClose={() => setDoomed(null)}>
          <Text size="sm">
            {doomed.kind === "domain" ? "Everybody at this domain" : "This person"} may leave with exports again, unless another entry covers them. Who it is cannot be shown; to remove somebody by name, check them above.
          </Text>
        </ConfirmModal>
      )}
    </Page>
  );
}

function Kinds({ chosen, counts, everything }: { chosen: string; counts: Record<string, number>; everything: number }) {
  const choices = [{ kind: "", label: `All ${count(everything)}` }, ...Object.entries(KINDS).map(([kind, { many }]) => ({ kind, label: `${many} ${count(counts[kind] ?? 0)}` }))];
  return (
    <Group gap="xs" component="nav" aria-label="Kinds of entries">
      {choices.map(({ kind, label }) => (
        <LinkButton
          key={kind}
          to="/exports/suppressions"
          search={{ kind: kind || undefined }}
          replace
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          size="xs"
          variant={chosen === kind ? "light" : "default"}
          aria-current={chosen === kind ? "true" : undefined}
        >
          {label}
        </LinkButton>
      ))}
    </Group>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the suppressions" role="status">
      <Skeleton height={72} />
      {Array.from({ length: 5 }, (_, row) => (
        <Skeleton key={row} height={40} />
      ))}
    </Stack>
  );
}
