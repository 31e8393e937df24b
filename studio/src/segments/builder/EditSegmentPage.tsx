// Other conditions for a segment there is; nothing changes before it is saved.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { ComingPage } from "../../kit/ComingPage";
import { LinkAnchor } from "../../kit/links";
import { Page } from "../../kit/Page";
import type { Segment } from "../model";
import { segmentQuery } from "../queries";
import { Builder } from "./Builder";
import { definitionOf } from "./definition";
import { useDefinition } from "./useDefinition";

export function EditSegmentPage() {
  const { segmentId = "" } = useParams({ strict: false });
  const { data: segment, error, refetch } = useQuery(segmentQuery(segmentId));
  if (segment !== undefined) return <Edit key={segmentId} segment={segment} />;
  return (
    <ComingPage title="Change a segment" error={error} onRetry={() => void refetch()}>
      <LinkAnchor to="/segments">All segments</LinkAnchor>
    </ComingPage>
  );
}

function Edit({ segment }: { segment: Segment }) {
  // As it was when the page was opened: a count that comes later must not take back what is typed.
  const base = useMemo(() => definitionOf(segment), [segment.id]);
  const defining = useDefinition(segment.id, base);
  const { uploads, tree, dedupe } = defining.definition;
  const isChanged = uploads !== base.uploads || tree !== base.tree || dedupe !== base.dedupe;
  return (
    <Page
      title={`Change ${segment.name}`}
      actions={
        isChanged && (
          <Button variant="subtle" color="gray" onClick={defining.reset}>
            As it was
          </Button>
        )
      }
    >
      <Builder defining={defining} segment={segment} />
    </Page>
  );
}
