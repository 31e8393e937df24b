// What a segment is and how large, in words and numbers.
import { Group, Text } from "@mantine/core";
import { Fragment } from "react";
import { LinkAnchor } from "../../kit/links";
import { count } from "../../kit/format";
import { When } from "../../kit/When";
import type { Segment } from "../model";
import { SegmentBadges } from "../SegmentBadges";
import { EXPORTS } from "../SegmentMenu";
import classes from "../segments.module.css";
import { members, shareWords } from "../words";

export function Facts({ segment }: { segment: Segment }) {
  const byHand = segment.included + segment.excluded;
  return (
    <div>
      <Group gap="xs" mb={6}>
        <SegmentBadges segment={segment} />
        {segment.tags.map((tag) => (
          <LinkAnchor key={tag} to="/segments" search={{ tag }} className={classes.tag ?? ""} title={`Segments tagged ${tag}`}>
            {tag}
          </LinkAnchor>
        ))}
      </Group>
      {segment.description !== "" && (
        <Text size="sm" mb={4} maw={820} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {segment.description}
        </Text>
      )}
      <Text size="sm" maw={820} style={{ overflowWrap: "anywhere" }} data-testid="segment-sentence">
        {segment.describe}.
      </Text>
      <Text size="sm" c="dimmed" mt={2} mb="sm">
        From{" "}
        {segment.uploads.map(({ upload_id, upload_name }, at) => (
          <Fragment key={upload_id}>
            {at > 0 && ", "}
            <LinkAnchor to="/uploads/$uploadId" params={{ uploadId: upload_id }} underline="always" inherit>
              {upload_name}
            </LinkAnchor>
          </Fragment>
        ))}
        {" · "}
        <LinkAnchor to={EXPORTS} search={{ segment: segment.id }} underline="always" inherit>
          Exports made from it
        </LinkAnchor>
      </Text>
      <dl className={classes.numbers}>
        <div>
          <dt>Size</dt>
          <dd data-testid="segment-size">
            {segment.count === null ? "–" : members(segment.count, segment)}
            <small>{shareWords(segment)}</small>
          </dd>
        </div>
        <div>
          <dt>Since the count before</dt>
          <dd>
            {segment.joined === null || segment.sizes.length < 2 ? "–" : `${count(segment.joined)} joined`}
            <small>{segment.left === null || segment.sizes.length < 2 ? "this is the first count" : `${count(segment.left)} left`}</small>
          </dd>
        </div>
        {byHand > 0 && (
          <div>
            <dt>By hand</dt>
            <dd>
              {count(byHand)}
              <small>
                {count(segment.included)} added, {count(segment.excluded)} left out
              </small>
            </dd>
          </div>
        )}
        <div>
          <dt>{segment.kind === "live" ? "Counted" : "Taken"}</dt>
          <dd>
            {segment.counted_at === null ? "not yet" : <When at={segment.counted_at} />}
            <small>{segment.version === null ? "" : `version ${count(segment.version)}`}</small>
          </dd>
        </div>
      </dl>
    </div>
  );
}
