// The connections, each with what it gives and what it costs.
import { ActionIcon, Group, Paper, Text } from "@mantine/core";
import { Trash2, TriangleAlert } from "lucide-react";
import { LinkAnchor } from "../../kit/links";
import { When } from "../../kit/When";
import classes from "../enrich.module.css";
import { TermsLine } from "../TermsLine";
import type { Connection, Provider } from "../model";

interface ConnectionListProps {
  connections: readonly Connection[];
  providers: readonly Provider[];
  onDelete: (connection: Connection) => void;
}

export function ConnectionList({ connections, providers, onDelete }: ConnectionListProps) {
  return (
    <ul className={classes.plainList} aria-label="Connections">
      {connections.map((connection) => {
        const provider = providers.find(({ id }) => id === connection.provider);
        return (
          <Paper key={connection.id} component="li" withBorder p="sm">
            <Group wrap="nowrap" justify="space-between" align="flex-start">
              <div style={{ minWidth: 0 }}>
                <LinkAnchor to="/enrichments/connections/$connectionId" params={{ connectionId: connection.id }} size="sm" fw={600} c="inherit" className="truncate" display="block">
                  {connection.name}
                </LinkAnchor>
                <Text size="sm" c="dimmed">
                  {provider?.title ?? connection.provider}
                  {connection.gives.length > 0 && ` · gives ${connection.gives.map(({ name }) => name).join(", ")}`}
                </Text>
                {!connection.usable && (
                  <Text size="sm" c="var(--warn-text)">
                    <TriangleAlert size={13} aria-hidden style={{ verticalAlign: "-2px" }} /> It cannot be used as it is. Open it, and save its settings and keys again.
                  </Text>
                )}
                <TermsLine terms={connection} isNetwork={provider?.network ?? true} />
              </div>
              <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
                <Text size="xs" c="dimmed" visibleFrom="sm">
                  changed <When at={connection.updated_at} />
                </Text>
                <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${connection.name}`} onClick={() => onDelete(connection)}>
                  <Trash2 size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </Group>
          </Paper>
        );
      })}
    </ul>
  );
}
