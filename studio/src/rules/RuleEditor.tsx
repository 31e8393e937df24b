// Writes one rule: the sentence it makes, its parts, and a try on values and on an upload before it is saved.
import { Autocomplete, Button, Divider, Drawer, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ErrorNote } from "../kit/ErrorNote";
import { KINDS } from "../kit/testKinds";
import { TestMembers } from "../kit/TestMembers";
import { tell } from "../kit/toast";
import { bodyOf, type Draft, draftOf, missing, NEW_DRAFT, shapeOf, testOf } from "./draft";
import { fieldNames, refreshRules, type Rule, uploadsToTryQuery } from "./queries";
import { condition, consequence } from "./sentence";
import { TryRule } from "./TryRule";

const OPTIONS = (["One field", "Several fields"] as const).map((group) => ({
  group,
  items: KINDS.filter((kind) => kind.group === group).map((kind) => ({ value: kind.kind, label: `must ${kind.must}` })),
}));

export function RuleEditor({ rule, onClose }: { rule: Rule | null; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => (rule === null ? NEW_DRAFT : draftOf(rule)));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const uploads = useQuery(uploadsToTryQuery);
  const fields = fieldNames(uploads.data);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const shape = shapeOf(draft);
  const holes = missing(draft);
  const said = { field: draft.field, test: testOf(draft), severity: draft.severity, otherwise: draft.otherwise };
  const name = draft.name.trim() || condition(said).slice(0, 100);

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = bodyOf(draft, name);
      await (rule === null
        ? answer(api.POST("/api/audience/rules", { body }))
        : answer(api.PATCH("/api/audience/rules/{rule_id}", { params: { path: { rule_id: rule.id } }, body })));
      await refreshRules();
      tell(rule === null ? "The rule is saved. It applies to uploads from now on." : "The rule is changed. It applies to uploads from now on.");
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={rule === null ? "New rule" : "Edit rule"} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (holes.length === 0) void save();
        }}
      >
        <Stack gap="md">
          <Text p="sm" bg="var(--head)" style={{ border: "1px solid var(--line)", borderRadius: 8 }} aria-live="polite">
            <Text span fw={650} inherit>
              {condition(said)}
            </Text>
            , {consequence(said)}.
          </Text>
          <Group grow align="flex-start" preventGrowOverflow={false}>
            {shape.namesFields !== true && (
              <Autocomplete
                label="Field"
                placeholder="email"
                required
                data={fields}
                limit={12}
                value={draft.field}
                onChange={(field) => change({ field })}
                data-autofocus
              />
            )}
            <Select label="Test" data={OPTIONS} value={draft.kind} searchable allowDeselect={false} maxDropdownHeight={320} onChange={(kind) => change({ kind: kind ?? draft.kind, members: {} })} />
          </Group>
          <TestMembers members={shape.members} values={draft.members} fields={fields} onChange={(member, value) => change({ members: { ...draft.members, [member]: value } })} />
          <Group grow align="flex-start">
            <Select
              label="A row that fails"
              allowDeselect={false}
              value={draft.severity === "fix" && !shape.canFix ? "reject" : draft.severity}
              data={[
                { value: "reject", label: "is rejected" },
                { value: "warn", label: "is kept and marked" },
                { value: "fix", label: shape.canFix ? "is fixed" : "is fixed (not with this test)", disabled: !shape.canFix },
              ]}
              onChange={(severity) => change({ severity: (severity ?? "reject") as Draft["severity"] })}
            />
            {draft.severity === "fix" && shape.canFix && (
              <Select
                label="What cannot be fixed"
                allowDeselect={false}
                value={draft.otherwise}
                data={[
                  { value: "reject", label: "is rejected" },
                  { value: "warn", label: "is kept and marked" },
                ]}
                onChange={(otherwise) => change({ otherwise: (otherwise ?? "reject") as Draft["otherwise"] })}
              />
            )}
          </Group>
          <TextInput label="Name" placeholder={condition(said)} value={draft.name} maxLength={100} onChange={(event) => change({ name: event.currentTarget.value })} />
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            {holes.length > 0 && (
              <Text size="sm" c="dimmed">
                Still needed: {holes.join(", ")}
              </Text>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={holes.length > 0}>
              {rule === null ? "Save rule" : "Save changes"}
            </Button>
          </Group>
        </Stack>
      </form>
      <Divider my="lg" />
      <TryRule draft={draft} isReady={holes.length === 0} uploads={uploads.data ?? []} />
    </Drawer>
  );
}
