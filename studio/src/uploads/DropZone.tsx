// The whole window takes files: dragged over it, or pasted into it.
import { Overlay, Portal, Stack, Text } from "@mantine/core";
import { CloudUpload } from "lucide-react";
import { useEffect, useState } from "react";
import { tellError } from "../kit/toast";
import { carriesFiles, filesOf, tableOf } from "./dropped";
import { ACCEPTED_IN_WORDS } from "./queue/accept";
import styles from "./uploads.module.css";

export function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    let depth = 0; // enter and leave come for every element on the way
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const over = (event: DragEvent) => {
      if (carriesFiles(event.dataTransfer)) event.preventDefault();
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event.dataTransfer)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setOver(false);
      if (!carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      const { files, folders } = filesOf(event.dataTransfer);
      if (folders > 0) tellError("Folders are not taken", new Error("Open the folder and drop the files in it."));
      onFiles(files);
    };
    const paste = (event: ClipboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, [contenteditable]") !== null) return;
      // Spreadsheets put a picture of the cells beside their text, so the text comes first.
      const table = tableOf(event.clipboardData?.getData("text/plain") ?? "");
      const files = table === null ? filesOf(event.clipboardData).files : [table];
      if (files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("paste", paste);
    };
  }, [onFiles]);
  if (!isOver) return null;
  return (
    <Portal>
      <Overlay fixed className={styles.drop ?? ""} backgroundOpacity={0} zIndex={500}>
        <Stack align="center" gap={4} className={styles.dropNote ?? ""}>
          <CloudUpload size={40} aria-hidden />
          <Text size="lg" fw={650}>
            Drop to upload
          </Text>
          <Text c="dimmed" ta="center">{ACCEPTED_IN_WORDS}</Text>
        </Stack>
      </Overlay>
    </Portal>
  );
}
