// Descriptions as servers write them: what stands between backticks is to be typed as it is.
import { Code } from "@mantine/core";
import type { ReactNode } from "react";

export function worded(description: string | null): ReactNode {
  if (description === null) return undefined;
  return description.split("`").map((part, at) => (at % 2 === 1 ? <Code key={at}>{part}</Code> : part));
}
