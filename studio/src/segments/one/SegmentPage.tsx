// One segment: what it is, how large it is, and its sides: members, history, by hand, why, overlap.
import { Alert, Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { RefreshCw, Send, SlidersHorizontal } from "lucide-react";
import { NotFoundPage } from "../../app/NotFoundPage";
import { ComingPage } from "../../kit/ComingPage";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor, LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { Tabs } from "../../kit/Tabs";
import type { Segment } from "../model";
import { segmentQuery } from "../queries";
import { useRights } from "../rights";
import { NEW_EXPORT, SegmentMenu } from "../SegmentMenu";
import { useSegmentActions } from "../useSegmentActions";
import { ByHand } from "./ByHand";
import { Facts } from "./Facts";
import { History } from "./History";
import { Members } from "./Members";
import { Overlap } from "./Overlap";
import { Why } from "./Why";

const SIDES = { history: History, "by-hand": ByHand, why: Why, overlap: Overlap } as const;
type Side = keyof typeof SIDES;

export function SegmentPage() {
  const { segmentId = "", side } = useParams({ strict: false });
  const { data: segment, error, refetch } = useQuery(segmentQuery(segmentId));
  if (side !== undefined && !(side in SIDES)) return <NotFoundPage />;
  if (segment !== undefined) return <OneSegment key={segmentId} segment={segment} side={(side ?? null) as Side | null} error={error} onRetry={() => void refetch()} />;
  return (
    <ComingPage title="Segment" error={error} onRetry={() => void refetch()}>
      <LinkAnchor to="/segments">All segments</LinkAnchor>
    </ComingPage>
  );
}

interface OneSegmentProps {
  segment: Segment;
  side: Side | null;
  error: unknown;
  onRetry: () => void;
}

function OneSegment({ segment, side, error, onRetry }: OneSegmentProps) {
  const navigate = useNavigate();
  const { mayWrite, mayExport } = useRights();
  const actions = useSegmentActions(() => void navigate({ to: "/segments" }));
  const Shown = side === null ? Members : SIDES[side];
  const path = `/segments/${segment.id}`;
  return (
    <Page
      title={segment.name}
      actions={
        <>
          {mayWrite && (
            <>
              <Button visibleFrom="xs" variant="default" leftSection={<RefreshCw size={16} aria-hidden />} loading={actions.isRefreshing} disabled={segment.status === "computing"} onClick={() => actions.run("refresh", segment)}>
                Refresh
              </Button>
              <LinkButton variant="default" leftSection={<SlidersHorizontal size={16} aria-hidden />} to="/segments/$segmentId/edit" params={{ segmentId: segment.id }}>
                Change
              </LinkButton>
            </>
          )}
          {mayExport && (
            <LinkButton leftSection={<Send size={16} aria-hidden />} to={NEW_EXPORT} search={{ segment: segment.id }}>
              Export
            </LinkButton>
          )}
          <SegmentMenu segment={segment} isOpen onAction={actions.run} />
        </>
      }
    >
      <Stack gap="md">
        {error !== null && <ErrorNote error={error} onRetry={onRetry} />}
        <Facts segment={segment} />
        <Standing segment={segment} />
        <div>
          <Tabs
            label={`Sides of ${segment.name}`}
            tabs={[
              { to: path, label: "Members" },
              { to: `${path}/history`, label: "History" },
              { to: `${path}/by-hand`, label: "By hand" },
              { to: `${path}/why`, label: "Why" },
              { to: `${path}/overlap`, label: "Overlap" },
            ]}
          />
          <Shown segment={segment} />
        </div>
      </Stack>
      {actions.shown}
    </Page>
  );
}

/** What keeps the numbers from being those of now. */
function Standing({ segment }: { segment: Segment }) {
  if (segment.status === "computing") {
    return (
      <Alert variant="default" role="status">
        <Text size="sm">{segment.count === null ? "It is being counted for the first time; this page follows." : "It is being counted anew; the numbers are those of before."}</Text>
      </Alert>
    );
  }
  if (segment.status === "failed") {
    return (
      <Alert variant="default" role="alert" title="It could not be counted">
        <Text size="sm">
          {segment.reason} {segment.reason_code !== null && <code>{segment.reason_code}</code>} Change its conditions, or refresh it to try again.
        </Text>
      </Alert>
    );
  }
  if (segment.is_stale) {
    return (
      <Alert variant="default" role="status">
        <Text size="sm">Its tables changed since this snapshot was taken. Refresh it, and a new version holds what is there now.</Text>
      </Alert>
    );
  }
  return null;
}
