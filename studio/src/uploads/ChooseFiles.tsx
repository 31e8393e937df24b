// A button that opens the file chooser.
import { Button, type ButtonProps, FileButton } from "@mantine/core";
import { useRef } from "react";
import { ACCEPTED } from "./queue/accept";

interface ChooseFilesProps extends ButtonProps {
  label: string;
  onFiles: (files: readonly File[]) => void;
  /** Only one file can be meant. */
  single?: boolean;
}

export function ChooseFiles({ label, onFiles, single = false, ...button }: ChooseFilesProps) {
  const reset = useRef<() => void>(null);
  return (
    <FileButton
      accept={ACCEPTED}
      multiple={!single}
      resetRef={reset}
      inputProps={{ "aria-label": label }}
      onChange={(chosen: File[] | File | null) => {
        const files = chosen === null ? [] : Array.isArray(chosen) ? chosen : [chosen];
        reset.current?.(); // so that the same file can be chosen again
        onFiles(files);
      }}
    >
      {(props) => (
        <Button {...button} {...props}>
          {label}
        </Button>
      )}
    </FileButton>
  );
}
