// All templates of the user: renamed in place, deleted after asking.
import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ConfirmModal } from "../kit/ConfirmModal";
import { ErrorNote } from "../kit/ErrorNote";
import { When } from "../kit/When";
import { type KeptMapping, templatesQuery } from "./queries";

export function TemplatesModal({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const { data: kept } = useQuery(templatesQuery);
  const [deleting, setDeleting] = useState<KeptMapping | null>(null);
  const named = (kept ?? []).filter((each) => typeof each.name === "string");
  const refresh = () => cache.invalidateQueries({ queryKey: templatesQuery.queryKey });
  if (deleting !== null) {
    return (
      <ConfirmModal
        title="Delete the template?"
        confirmLabel="Delete"
        onClose={() => setDeleting(null)}
        onConfirm={async () => {
          await answer(api.DELETE("/api/audience/mappings/{mapping_id}", { params: { path: { mapping_id: deleting.id } } }));
          await refresh();
        }}
      >
        <Text size="sm">“{deleting.name}” goes. Tables that were made with it stay as they are.</Text>
      </ConfirmModal>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Your templates" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="sm">
        {named.length === 0 && <Text size="sm">There are none. Keep the choices of an import as a template to find them here.</Text>}
        {named.map((template) => (
          <TemplateLine key={template.id} template={template} onDelete={() => setDeleting(template)} onRenamed={refresh} />
        ))}
      </Stack>
    </Modal>
  );
}

interface TemplateLineProps {
  template: KeptMapping;
  onDelete: () => void;
  onRenamed: () => Promise<unknown>;
}

function TemplateLine({ template, onDelete, onRenamed }: TemplateLineProps) {
  const [name, setName] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const label = template.name ?? "";
  const rename = async () => {
    setError(null);
    try {
      await answer(api.PATCH("/api/audience/mappings/{mapping_id}", { params: { path: { mapping_id: template.id } }, body: { name: name ?? label } }));
      await onRenamed();
      setName(null);
    } catch (failure) {
      setError(failure);
    }
  };
  if (name !== null) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void rename();
        }}
      >
        <Group gap="xs" wrap="nowrap">
          <TextInput aria-label={`New name of ${label}`} value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={100} autoFocus flex={1} />
          <Button type="submit" disabled={name.trim() === ""}>
            Save
          </Button>
          <Button variant="default" onClick={() => setName(null)}>
            Cancel
          </Button>
        </Group>
        {error !== null && <ErrorNote error={error} />}
      </form>
    );
  }
  return (
    <Group gap="xs" wrap="nowrap" justify="space-between">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600} className="truncate" title={label}>
          {label}
        </Text>
        <Text size="xs" c="dimmed">
          Used <When at={template.used_at} />
        </Text>
      </div>
      <Group gap={4} wrap="nowrap">
        <ActionIcon variant="subtle" aria-label={`Rename ${label}`} onClick={() => setName(label)}>
          <Pencil size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="red" aria-label={`Delete ${label}`} onClick={onDelete}>
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      </Group>
    </Group>
  );
}
