// Which pairs are shown, as it stands in the address; pure.
import type { SearchText } from "../../app/search";
import type { Pair } from "../model";
import { shareWords } from "../words";

export type Settled = "all" | "open" | "settled";
export type BandName = "doubtful" | "joined" | "below" | "all";

/** Pairs whose probability is neither nearly nothing nor nearly certain. */
const DOUBTFUL: readonly [number, number] = [0.5, 0.99];
/** The API's bounds belong to the band, so "below" ends just before the threshold. */
const JUST_BELOW = 1e-6;

export const SETTLED: readonly { value: Settled; label: string }[] = [
  { value: "all", label: "Settled or not" },
  { value: "open", label: "Not settled yet" },
  { value: "settled", label: "Settled by hand" },
];

export function bandsOf(threshold: number): readonly { value: BandName; label: string; band: readonly [number, number] }[] {
  return [
    { value: "doubtful", label: `Doubtful: ${shareWords(DOUBTFUL[0])} to ${shareWords(DOUBTFUL[1])}`, band: DOUBTFUL },
    { value: "joined", label: `Joined: from ${shareWords(threshold)} on`, band: [threshold, 1] },
    { value: "below", label: `Not joined: below ${shareWords(threshold)}`, band: [0, threshold - JUST_BELOW] },
    { value: "all", label: "Every probability", band: [0, 1] },
  ];
}

export interface PairWish {
  band: BandName;
  settled: Settled;
}

export function pairWishOf({ pairs, show }: SearchText): PairWish {
  const band = pairs === "joined" || pairs === "below" || pairs === "all" ? pairs : "doubtful";
  return { band, settled: SETTLED.find(({ value }) => value === show)?.value ?? "all" };
}

export function pairTexts({ band, settled }: PairWish): SearchText {
  return { pairs: band === "doubtful" ? undefined : band, show: settled === "all" ? undefined : settled };
}

export function keyOf({ a, b }: Pick<Pair, "a" | "b">): string {
  return `${a._upload_id}:${a._row_id}/${b._upload_id}:${b._row_id}`;
}

/** touched: pairs settled on this page; they stay where they are, so that nothing moves under the hand. */
export function chosen(pairs: readonly Pair[], settled: Settled, touched: ReadonlySet<string>): readonly Pair[] {
  if (settled === "all") return pairs;
  return pairs.filter((pair) => touched.has(keyOf(pair)) || (pair.decision === null) === (settled === "open"));
}

/** Whether segments will take the two for one person. */
export function isJoined({ decision, probability }: Pick<Pair, "decision" | "probability">, threshold: number): boolean {
  return decision ?? probability >= threshold;
}
