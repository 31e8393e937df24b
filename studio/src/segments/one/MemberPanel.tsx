// One member with all its values, and what can be done with it: asked why, left out by hand.
import { Button, Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleHelp, UserMinus } from "lucide-react";
import { useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkButton } from "../../kit/links";
import { SidePanel } from "../../kit/SidePanel";
import { tellError, tellWithUndo } from "../../kit/toast";
import { changeMembers } from "../actions";
import { MemberDetails } from "../MemberDetails";
import type { MemberRow, Segment } from "../model";
import { membersQuery } from "../queries";
import { useRights } from "../rights";
import { rowWords } from "../words";
import type { MembersAddress } from "./membersAddress";

interface MemberPanelProps {
  segment: Segment;
  address: MembersAddress;
  /** Its place among those shown, from 0. */
  at: number;
  onClose: () => void;
}

export function MemberPanel({ segment, address, at, onClose }: MemberPanelProps) {
  const { version, part, since } = address;
  const { data, error, refetch } = useQuery(membersQuery(segment.id, segment.version, { version, part, since, columns: null, offset: at, limit: 1 }));
  const row = data?.rows[0];
  if (data === undefined || row === undefined) {
    return (
      <SidePanel title="Member" onClose={onClose}>
        {error !== null ? <ErrorNote error={error} onRetry={() => void refetch()} /> : data === undefined ? <Skeleton height={280} /> : <Text c="dimmed">There is no such member any more.</Text>}
      </SidePanel>
    );
  }
  const uploadName = segment.uploads.find(({ upload_id }) => upload_id === row._upload_id)?.upload_name ?? row._upload_id;
  return (
    <MemberDetails row={row} columns={data.columns} uploadName={uploadName} onClose={onClose}>
      <Group gap="xs">
        <LinkButton size="xs" variant="default" leftSection={<CircleHelp size={14} aria-hidden />} to="/segments/$segmentId/$side" params={{ segmentId: segment.id, side: "why" }} search={{ upload: row._upload_id, row: String(row._row_id + 1) }}>
          Why?
        </LinkButton>
        {part !== "left" && <LeaveOut segment={segment} row={row} words={rowWords(uploadName, row._row_id)} onDone={onClose} />}
      </Group>
    </MemberDetails>
  );
}

function LeaveOut({ segment, row, words, onDone }: { segment: Segment; row: MemberRow; words: string; onDone: () => void }) {
  const { mayWrite } = useRights();
  const [isBusy, setBusy] = useState(false);
  if (!mayWrite) return null;
  const entry = { upload_id: row._upload_id, row: row._row_id };
  const leave = async () => {
    setBusy(true);
    try {
      await changeMembers(segment.id, { exclude: [entry] });
      tellWithUndo(segment.kind === "live" ? `${words} is left out` : `${words} is left out from the next refresh on`, () => void changeMembers(segment.id, { forget: [entry] }).catch((error: unknown) => tellError("It is still left out", error)));
      onDone();
    } catch (error) {
      tellError("It was not left out", error);
      setBusy(false);
    }
  };
  return (
    <Button size="xs" variant="default" leftSection={<UserMinus size={14} aria-hidden />} loading={isBusy} onClick={() => void leave()}>
      Leave out by hand
    </Button>
  );
}
