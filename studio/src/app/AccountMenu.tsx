// Who is signed in, the way to the settings, and out.
import { ActionIcon, Menu, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { CircleUser, LogOut, Settings } from "lucide-react";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import { tellError } from "../kit/toast";
import { meQuery } from "./session";

export function AccountMenu() {
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const signOut = async () => {
    try {
      await answer(api.POST("/api/auth/sign-out", { body: {} }));
    } catch (error) {
      tellError("You are still signed in", error);
      return;
    }
    await navigate({ to: "/sign-in", search: { signed_out: "here" } });
    queries.clear();
  };
  if (me?.only_upload != null) return null; // a read-only link has no account
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Your account">
          <CircleUser size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Text size="sm" px="sm" py={6} className="truncate" title={me?.user?.email}>
          {me?.user?.email}
        </Text>
        <Menu.Divider />
        <Menu.Item component={Link} to="/settings" leftSection={<Settings size={16} aria-hidden />}>
          Settings
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
