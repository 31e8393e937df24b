// A moment: how long ago, with the exact time on hover and for machines.
import { ago, exactTime } from "./format";

export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {ago(at)}
    </time>
  );
}
