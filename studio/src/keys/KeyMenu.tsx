// What can be done with one key.
import { ActionIcon, Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Ellipsis, List, Pencil, RefreshCw, Trash2 } from "lucide-react";
import type { ApiKey } from "./queries";

export type KeyAction = "rename" | "roll" | "revoke";

export function KeyMenu({ apiKey, onAction }: { apiKey: ApiKey; onAction: (action: KeyAction) => void }) {
  const isUsable = apiKey.state === "active";
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${apiKey.name}`}>
          <Ellipsis size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<List size={16} aria-hidden />}
          renderRoot={(props) => <Link to="/keys/requests" search={{ key_id: apiKey.id }} {...props} />}
        >
          Its requests
        </Menu.Item>
        <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={() => onAction("rename")}>
          Rename
        </Menu.Item>
        {isUsable && (
          <>
            <Menu.Item leftSection={<RefreshCw size={16} aria-hidden />} onClick={() => onAction("roll")}>
              Roll
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item c="var(--bad-text)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => onAction("revoke")}>
              Revoke
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
