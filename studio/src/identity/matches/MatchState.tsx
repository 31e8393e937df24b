// The state of a match as icon and word, in the words of what it waits for.
import { StatusBadge } from "../../kit/StatusBadge";
import type { Match } from "../model";

/** A match that is computed is work that runs, as an enrichment is. */
export function MatchState({ match }: { match: Pick<Match, "status"> }) {
  return <StatusBadge status={match.status === "computing" ? "running" : match.status} />;
}
