// Keys that work anywhere on the page: search, go to a row, help.
import { useDisclosure } from "@mantine/hooks";
import { type RefObject, useEffect, useRef } from "react";

interface PageKeys {
  searchInput: RefObject<HTMLInputElement | null>;
  rowInput: RefObject<HTMLInputElement | null>;
  help: { isOpen: boolean; open: () => void; close: () => void };
}

export function usePageKeys(): PageKeys {
  const searchInput = useRef<HTMLInputElement>(null);
  const rowInput = useRef<HTMLInputElement>(null);
  const [isOpen, { open, close }] = useDisclosure(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
      const isControl = event.ctrlKey || event.metaKey;
      if (isControl && event.key.toLowerCase() === "g") rowInput.current?.focus();
      else if (isWriting || isControl || event.altKey) return;
      else if (event.key === "/") searchInput.current?.focus();
      else if (event.key === "?") open();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [open]);
  return { searchInput, rowInput, help: { isOpen, open, close } };
}
