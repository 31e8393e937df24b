// Which question is open about which segment, and what is done once it is answered.
import { type ReactNode, useState } from "react";
import { tell, tellError } from "../kit/toast";
import { change, countAnew } from "./actions";
import { DeleteSegment } from "./DeleteSegment";
import { LabelsModal } from "./LabelsModal";
import type { Segment } from "./model";
import type { SegmentAction } from "./SegmentMenu";
import { members } from "./words";

interface SegmentActions {
  run: (action: SegmentAction, segment: Segment) => void;
  isRefreshing: boolean;
  shown: ReactNode;
}

/** onDeleted: where to go from a page that is gone. */
export function useSegmentActions(onDeleted: () => void = () => undefined): SegmentActions {
  const [question, ask] = useState<{ about: "labels" | "delete"; segment: Segment } | null>(null);
  const [isRefreshing, setRefreshing] = useState(false);
  const refresh = async (segment: Segment) => {
    setRefreshing(true);
    try {
      const counted = await countAnew(segment.id);
      if (counted.status === "computing") tell(`${segment.name} is being counted`);
      else if (counted.version === segment.version) tell(`${segment.name}: nothing changed since it was counted`);
      else tell(`${segment.name}: ${counted.count === null ? "counted" : members(counted.count, counted)}`);
    } catch (error) {
      tellError(`${segment.name} was not counted`, error);
    } finally {
      setRefreshing(false);
    }
  };
  const turn = async (segment: Segment) => {
    const kind = segment.kind === "live" ? "snapshot" : "live";
    try {
      await change(segment.id, { kind });
      tell(kind === "live" ? `${segment.name} follows its tables from now on` : `${segment.name} keeps what its tables say now`);
    } catch (error) {
      tellError(`${segment.name} stays as it was`, error);
    }
  };
  const close = () => ask(null);
  return {
    run: (action, segment) => {
      if (action === "refresh") void refresh(segment);
      else if (action === "kind") void turn(segment);
      else ask({ about: action, segment });
    },
    isRefreshing,
    shown: (
      <>
        {question?.about === "labels" && <LabelsModal segment={question.segment} onClose={close} />}
        {question?.about === "delete" && <DeleteSegment segment={question.segment} onDone={onDeleted} onClose={close} />}
      </>
    ),
  };
}
