// Dragging the lines of a list by their handles; the same is done by keyboard with buttons.
import { type DragEvent, useState } from "react";

interface Reorder {
  /** For the line itself. */
  line: (at: number) => { onDragOver: (event: DragEvent) => void; onDrop: (event: DragEvent) => void; "data-dragged": boolean; "data-over": string | undefined };
  handle: (at: number) => { draggable: true; onDragStart: (event: DragEvent<HTMLElement>) => void; onDragEnd: () => void };
}

export function useReorder(onMove: (from: number, to: number) => void): Reorder {
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const end = () => {
    setDragged(null);
    setOver(null);
  };
  return {
    line: (at) => ({
      onDragOver: (event) => {
        if (dragged === null) return; // something else, such as a file
        event.preventDefault();
        setOver(at);
      },
      onDrop: (event) => {
        if (dragged === null) return;
        event.preventDefault();
        if (dragged !== at) onMove(dragged, at);
        end();
      },
      "data-dragged": dragged === at,
      "data-over": over !== at || dragged === null || dragged === at ? undefined : dragged < at ? "below" : "above",
    }),
    handle: (at) => ({
      draggable: true,
      onDragStart: (event) => {
        setDragged(at);
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", String(at + 1)); // without data some browsers begin no drag
        const line = event.currentTarget.closest("li");
        if (line !== null) event.dataTransfer.setDragImage(line, 24, 24);
      },
      onDragEnd: end,
    }),
  };
}
