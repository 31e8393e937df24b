// Where the rows came from and where they go, when, and what led to it.
import { Text } from "@mantine/core";
import { exactTime } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { When } from "../../kit/When";
import type { Export } from "../model";
import { whereWords } from "../words";

export function Origin({ one }: { one: Export }) {
  const { source } = one;
  return (
    <Text size="sm" c="dimmed">
      <From one={one} />
      {source.segment_id !== null && source.version !== null && `, version ${source.version}`}
      {source.filter !== null && ", filtered"}
      {" → "}
      {whereWords(one)}
      {" · "}started <When at={one.created_at} />
      {one.finished_at !== null && `, ended ${exactTime(one.finished_at)}`}
      {one.schedule_id !== null && (
        <>
          {" · "}by{" "}
          <LinkAnchor to="/exports" search={{ schedule: one.schedule_id }} underline="always">
            a schedule
          </LinkAnchor>
        </>
      )}
      {one.parent_id !== null && (
        <>
          {" · "}tries again what failed in{" "}
          <LinkAnchor to="/exports/$exportId" params={{ exportId: one.parent_id }} search={{}} underline="always">
            an earlier export
          </LinkAnchor>
        </>
      )}
    </Text>
  );
}

function From({ one: { source } }: { one: Export }) {
  if (source.name === null) return source.segment_id === null ? "An upload that is gone" : "A segment that is gone";
  // Segments have rooms of their own; both are led to by their address.
  const to = source.segment_id === null ? `/uploads/${source.upload_id}` : `/segments/${source.segment_id}`;
  return (
    <>
      {source.segment_id === null ? "Upload" : "Segment"}{" "}
      <LinkAnchor to={to} underline="always">
        {source.name}
      </LinkAnchor>
    </>
  );
}
