// Duplicates: rows that are the same person, side by side, and what joining them would give; nothing is changed.
import { Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Copy } from "lucide-react";
import { EmptyState } from "../../kit/EmptyState";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { type Change, isComplete, textsOf, wishOf } from "../address";
import { ChooseUploads } from "../ChooseUploads";
import { IdentityTabs } from "../IdentityTabs";
import { segmentLink } from "../segmentLink";
import { Found } from "./Found";
import { Identity } from "./Identity";

export function DuplicatesPage() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const wish = wishOf(search);
  const change = (wanted: Change) => void navigate({ to: ".", search: (now: Record<string, string | undefined>) => ({ ...now, ...textsOf(wanted) }), replace: wanted.page === undefined });
  const hasUploads = wish.uploads.length > 0;
  return (
    <Page
      title="Duplicates"
      actions={
        isComplete(wish) && (
          <LinkButton {...segmentLink(wish.uploads, wish.dedupe)}>Build a segment that joins them</LinkButton>
        )
      }
    >
      <IdentityTabs />
      <Stack gap="lg">
        <Text size="sm" c="dimmed" maw={720}>
          Rows of the same person, within an upload and across uploads. Looking changes nothing: a segment joins them when you say so, and your tables stay as they are.
        </Text>
        <ChooseUploads chosen={wish.uploads} onChange={(uploads) => change({ uploads })} />
        {hasUploads ? (
          <>
            <Identity wish={wish} onChange={change} />
            <Found wish={wish} onChange={change} />
          </>
        ) : (
          <EmptyState
            icon={<Copy size={32} color="var(--muted)" aria-hidden />}
            title="Who is there more than once?"
            text="Choose one upload or several above. You see who is in them twice, which row would be kept, and which value of each field."
          />
        )}
      </Stack>
    </Page>
  );
}
