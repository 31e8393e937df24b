// Where the value of one cell came from, beside the cell; the pointer may go onto it.
import { Paper, Portal, Text } from "@mantine/core";
import { PencilLine, Sparkles } from "lucide-react";
import { LinkAnchor } from "../kit/links";
import { factsOf, providerOf } from "./provenance";
import type { ShownOrigin } from "./useCellOrigin";

const WIDE_PX = 260;
const HIGH_PX = 92;
const EDGE_PX = 8;

interface OriginCardProps {
  shown: ShownOrigin;
  titles: ReadonlyMap<string, string> | undefined;
  mayOpenRun: boolean;
  onEnter: () => void;
  onLeave: () => void;
}

export function OriginCard({ shown, titles, mayOpenRun, onEnter, onLeave }: OriginCardProps) {
  const { origin, place } = shown;
  const { left, top, bottom } = place.box;
  const isAbove = bottom + HIGH_PX > window.innerHeight;
  const across = Math.max(EDGE_PX, Math.min(left, window.innerWidth - WIDE_PX - EDGE_PX));
  return (
    <Portal>
      <Paper
        role="tooltip"
        withBorder
        shadow="md"
        p="xs"
        onMouseEnter={onEnter}
        onMouseLeave={onLeave}
        style={{ position: "fixed", zIndex: 150, width: WIDE_PX, left: across, ...(isAbove ? { bottom: window.innerHeight - top } : { top: bottom }) }}
      >
        {origin.provider === null ? (
          <Text size="sm">
            <PencilLine size={13} aria-hidden style={{ verticalAlign: "-2px" }} /> Edited by hand since
          </Text>
        ) : (
          <>
            <Text size="sm" fw={600}>
              <Sparkles size={13} aria-hidden style={{ verticalAlign: "-2px" }} /> {providerOf(origin, titles)}
            </Text>
            <Text size="xs" c="dimmed">
              {factsOf(origin).join(" · ")}
            </Text>
            {mayOpenRun && origin.run_id !== null && (
              <LinkAnchor size="xs" to="/enrichments/$runId" params={{ runId: origin.run_id }}>
                Show the run
              </LinkAnchor>
            )}
          </>
        )}
      </Paper>
    </Portal>
  );
}
