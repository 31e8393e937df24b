// Says whether somebody is on the list, and takes them off it. Who was asked about stands in no address and no log.
import { Button, Group, Paper, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleHelp, ShieldOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { tell } from "../../kit/toast";
import { type Checked, checkValues, removeValue } from "./queries";
import { KINDS } from "./words";

interface Answer {
  value: string;
  checked: Checked;
}

async function check(value: string): Promise<Answer> {
  const [checked] = await checkValues([value], null);
  if (checked === undefined) throw new Error("The server answered nothing about this value.");
  return { value, checked };
}

export function CheckValue() {
  const [typed, setTyped] = useState("");
  const asking = useMutation({ mutationFn: check });
  const removal = useMutation({
    mutationFn: removeValue,
    onSuccess: (removed, value) => {
      if (removed > 0) tell(`“${value}” is off the list.`);
      asking.mutate(value);
    },
  });
  const value = typed.trim();
  return (
    <Paper withBorder p="md" component="section" aria-label="Check somebody">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          removal.reset();
          if (value !== "") asking.mutate(value);
        }}
      >
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Is somebody on the list?"
            placeholder="Address, phone number with +, or domain"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            maxLength={1000}
            autoComplete="off"
            spellCheck={false}
            style={{ flex: "1 1 260px" }}
            maw={420}
          />
          <Button type="submit" variant="default" loading={asking.isPending} disabled={value === ""}>
            Check
          </Button>
        </Group>
      </form>
      <div aria-live="polite">
        {asking.isError && <ErrorNote error={asking.error} />}
        {removal.isError && <ErrorNote error={removal.error} />}
        {asking.data !== undefined && <Found answer={asking.data} isCovered={removal.data === 0} isBusy={removal.isPending || asking.isPending} onRemove={(it) => removal.mutate(it)} />}
      </div>
    </Paper>
  );
}

interface FoundProps {
  answer: Answer;
  /** It was to be removed, and is no entry of its own. */
  isCovered: boolean;
  isBusy: boolean;
  onRemove: (value: string) => void;
}

function Found({ answer: { value, checked }, isCovered, isBusy, onRemove }: FoundProps) {
  const { kind, by } = checked;
  if (kind === null) return <Said icon={<CircleHelp size={16} aria-hidden />}>“{value}” is no e-mail address, no phone number with its country code, and no domain.</Said>;
  if (by === null) {
    return (
      <Said icon={<CircleCheck size={16} aria-hidden />}>
        “{value}” is not on the list. ({KINDS[kind].label})
      </Said>
    );
  }
  if (by !== kind || isCovered) {
    return <Said icon={<ShieldOff size={16} aria-hidden />}>“{value}” never leaves: {by === kind ? "a domain above it" : "its domain"} is on the list, and covers everybody there. Check that domain to remove it.</Said>;
  }
  return (
    <Said icon={<ShieldOff size={16} aria-hidden />}>
      “{value}” is on the list{kind === "domain" ? ": nobody there leaves" : " and never leaves"}.{" "}
      <Button size="compact-sm" variant="default" ml={8} loading={isBusy} onClick={() => onRemove(value)}>
        Remove from the list
      </Button>
    </Said>
  );
}

function Said({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <Group gap={8} mt="sm" wrap="nowrap" align="flex-start">
      <span style={{ paddingTop: 2 }}>{icon}</span>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </Group>
  );
}
