// Gives the matching of this file a name, so that later files with these columns can be matched with one choice.
import { Button, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ErrorNote } from "../kit/ErrorNote";
import { tell } from "../kit/toast";
import { keptAs } from "./mapping";
import { previewQuery, templatesQuery, type Upload } from "./queries";

export function KeepTemplate({ upload }: { upload: Upload }) {
  const cache = useQueryClient();
  const { data: preview } = useQuery(previewQuery(upload.upload_id, {}));
  const { data: kept } = useQuery(templatesQuery);
  const [name, setName] = useState("");
  const [error, setError] = useState<unknown>(null);
  const decided = preview?.decision ?? null;
  const same = decided === null ? undefined : keptAs(kept ?? [], decided.mapping);
  if (same === undefined) return null;
  const save = async () => {
    setError(null);
    try {
      await answer(api.PATCH("/api/audience/mappings/{mapping_id}", { params: { path: { mapping_id: same.id } }, body: { name: name.trim() } }));
      await cache.invalidateQueries({ queryKey: templatesQuery.queryKey });
      tell(`The template “${name.trim()}” is offered for your next files.`);
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Paper withBorder radius="md" p="lg">
      {typeof same.name === "string" ? (
        <Text size="sm">
          The matching of this file is kept as the template <b>“{same.name}”</b>.
        </Text>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <Stack gap="xs">
            <Title order={3}>Keep the matching as a template</Title>
            <Text size="sm" c="dimmed">
              Files with exactly these columns are matched like this by themselves. Under a name you can use it for others too.
            </Text>
            <Group gap="sm" align="flex-end">
              <TextInput label="Name of the template" value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} />
              <Button type="submit" variant="default" disabled={name.trim() === ""}>
                Keep
              </Button>
            </Group>
            {error !== null && <ErrorNote error={error} />}
          </Stack>
        </form>
      )}
    </Paper>
  );
}
