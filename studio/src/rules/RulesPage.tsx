// Rules: what every upload is checked against, in order; written as sentences, tried before they are saved.
import { Button, Paper, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Lock, Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import { meQuery } from "../app/session";
import { ConfirmModal } from "../kit/ConfirmModal";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";
import { Page } from "../kit/Page";
import { tell, tellError } from "../kit/toast";
import { refreshRules, type Rule, rulesQuery } from "./queries";
import { RuleEditor } from "./RuleEditor";
import { RuleRow } from "./RuleRow";

const MAX_RULES = 100;

export function RulesPage() {
  const { rule: opened } = useSearch({ strict: false });
  const navigate = useNavigate();
  const rules = useQuery(rulesQuery);
  const me = useQuery(meQuery);
  const [doomed, setDoomed] = useState<Rule | null>(null);
  const isReadOnly = me.data !== undefined && !me.data.scopes.includes("uploads:write");
  const open = (rule: string | undefined) => void navigate({ to: "/rules", search: rule === undefined ? {} : { rule } });
  const all = rules.data ?? [];
  const edited = all.find((rule) => rule.id === opened);

  const move = async (at: number, steps: -1 | 1) => {
    const moved = [...all];
    const [rule] = moved.splice(at, 1);
    if (rule === undefined) return;
    moved.splice(at + steps, 0, rule);
    queries.setQueryData(rulesQuery.queryKey, moved);
    try {
      await answer(api.PUT("/api/audience/rules/order", { body: { rule_ids: moved.map(({ id }) => id) } }));
    } catch (error) {
      tellError("The order is as it was", error);
    }
    await refreshRules();
  };

  const toggle = async (rule: Rule, enabled: boolean) => {
    queries.setQueryData(rulesQuery.queryKey, (before) => before?.map((one) => (one.id === rule.id ? { ...one, enabled } : one)));
    try {
      await answer(api.PATCH("/api/audience/rules/{rule_id}", { params: { path: { rule_id: rule.id } }, body: { enabled } }));
    } catch (error) {
      tellError("The rule is as it was", error);
    }
    await refreshRules();
  };

  const remove = async (rule: Rule) => {
    await answer(api.DELETE("/api/audience/rules/{rule_id}", { params: { path: { rule_id: rule.id } } }));
    await refreshRules();
    tell(`“${rule.name}” is deleted.`);
  };

  return (
    <Page
      title="Rules"
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => open("new")} disabled={isReadOnly || all.length >= MAX_RULES}>
          New rule
        </Button>
      }
    >
      <Stack gap="sm">
        <Text c="dimmed" maw={720}>
          Every new upload is checked against these, in this order; a rule sees what the rules before it fixed. Tables that are ready do not change.
        </Text>
        <Paper withBorder p="sm" bg="var(--head)">
          <Stack gap={2}>
            <Text fw={650}>
              <Lock size={14} aria-label="Built in:" style={{ verticalAlign: "-2px", marginRight: 6 }} />
              At least one of business_email, personal_email, email, domain and company_domain must be filled in
            </Text>
            <Text size="sm" c="dimmed">
              Built in, always first · else the row is rejected
            </Text>
          </Stack>
        </Paper>
        {rules.isPending && [0, 1, 2].map((at) => <Skeleton key={at} h={66} />)}
        {rules.isError && all.length === 0 && <ErrorNote error={rules.error} onRetry={() => void rules.refetch()} />}
        {rules.isSuccess && all.length === 0 && (
          <EmptyState
            icon={<ShieldCheck size={32} color="var(--muted)" aria-hidden />}
            title="No rules of your own yet"
            text="Say what good data is: “email must be an e-mail address, else the row is rejected”. Try it on an upload before you save it."
          >
            {!isReadOnly && (
              <Button variant="light" onClick={() => open("new")}>
                Write the first rule
              </Button>
            )}
          </EmptyState>
        )}
        {all.length > 0 && (
          <Stack component="ol" gap="xs" p={0} m={0} style={{ listStyle: "none" }} aria-label="Your rules, in order">
            {all.map((rule, at) => (
              <RuleRow
                key={rule.id}
                rule={rule}
                isFirst={at === 0}
                isLast={at === all.length - 1}
                isReadOnly={isReadOnly}
                onMove={(steps) => void move(at, steps)}
                onToggle={(enabled) => void toggle(rule, enabled)}
                onEdit={() => open(rule.id)}
                onDelete={() => setDoomed(rule)}
              />
            ))}
          </Stack>
        )}
      </Stack>
      {(opened === "new" || edited !== undefined) && <RuleEditor key={opened} rule={edited ?? null} onClose={() => open(undefined)} />}
      {doomed !== null && (
        <ConfirmModal title="Delete this rule?" confirmLabel="Delete rule" onConfirm={() => remove(doomed)} onClose={() => setDoomed(null)}>
          “{doomed.name}” no longer checks new uploads. Tables and rejects made with it stay as they are.
        </ConfirmModal>
      )}
    </Page>
  );
}
