// Sentences as servers write them: what stands between backticks is a name or is to be typed as it is.
import { Code } from "@mantine/core";
import type { ReactNode } from "react";

export function worded(sentence: string | null): ReactNode {
  if (sentence === null) return undefined;
  return sentence.split("`").map((part, at) => (at % 2 === 1 ? <Code key={at}>{part}</Code> : part));
}
