// The connections, each with where it leads and what uses it.
import { ActionIcon, Group, Paper, Text } from "@mantine/core";
import { Trash2, TriangleAlert } from "lucide-react";
import { plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { When } from "../../kit/When";
import classes from "../exports.module.css";
import type { Connection, Destination } from "../model";
import type { Use } from "./queries";

interface ConnectionListProps {
  connections: readonly Connection[];
  /** undefined: not known yet. */
  destinations: readonly Destination[] | undefined;
  uses: readonly Use[];
  onDelete: (connection: Connection) => void;
}

export function ConnectionList({ connections, destinations, uses, onDelete }: ConnectionListProps) {
  return (
    <ul className={classes.plainList} aria-label="Connections">
      {connections.map((connection) => {
        const destination = destinations?.find(({ id }) => id === connection.destination);
        const place = placeOf(connection);
        const users = uses.filter((use) => use.connection === connection.id);
        return (
          <Paper key={connection.id} component="li" withBorder p="sm">
            <Group wrap="nowrap" justify="space-between" align="flex-start">
              <div style={{ minWidth: 0 }}>
                <LinkAnchor to="/exports/connections/$connectionId" params={{ connectionId: connection.id }} size="sm" fw={600} c="inherit" className="truncate" display="block" title={connection.name}>
                  {connection.name}
                </LinkAnchor>
                <Text size="sm" c="dimmed" className="truncate" title={place ?? ""}>
                  {destination?.title ?? connection.destination}
                  {place !== null && ` · ${place}`}
                </Text>
                {destinations !== undefined && destination === undefined && (
                  <Text size="sm" c="var(--warn-text)">
                    <TriangleAlert size={13} aria-hidden style={{ verticalAlign: "-2px" }} /> This server no longer has this destination.
                  </Text>
                )}
                {users.length > 0 && (
                  <Text size="xs" c="dimmed">
                    {usedWords(users)}
                  </Text>
                )}
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

/** The first text of the settings: an address or a host, whatever the destination calls it. */
function placeOf({ settings }: Connection): string | null {
  const found = Object.values(settings).find((value) => typeof value === "string" && value !== "");
  return typeof found === "string" ? found : null;
}

function usedWords(uses: readonly Use[]): string {
  const schedules = uses.filter(({ kind }) => kind === "schedule").length;
  const working = uses.length - schedules;
  const said = [schedules > 0 ? plural(schedules, "schedule") : "", working > 0 ? `${plural(working, "export")} at work` : ""];
  return `Used by ${said.filter((each) => each !== "").join(" and ")}`;
}
