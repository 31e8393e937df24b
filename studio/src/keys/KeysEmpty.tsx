// No key yet: what a key is for, and the first command it will run.
import { Button } from "@mantine/core";
import { KeyRound, Plus } from "lucide-react";
import { CodeBlock } from "../kit/CodeBlock";
import { EmptyState } from "../kit/EmptyState";
import { curlOfFirstBatch } from "./curl";
import classes from "./KeysEmpty.module.css";

export function KeysEmpty({ onCreate }: { onCreate: () => void }) {
  return (
    <EmptyState
      icon={<KeyRound size={32} color="var(--muted)" aria-hidden />}
      title="Send data without a browser"
      text="A key lets a script, a form or another service send audience data here. Make one, paste it into this command, and the rows appear under Uploads."
    >
      <div className={classes.code}>
        <CodeBlock code={curlOfFirstBatch(window.location.origin, "YOUR_KEY")} label="A first upload by command line" />
      </div>
      <Button leftSection={<Plus size={16} aria-hidden />} onClick={onCreate}>
        Create your first key
      </Button>
    </EmptyState>
  );
}
