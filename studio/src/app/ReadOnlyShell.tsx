// The frame for somebody who has only the link of one upload: no navigation, and a word on what this is.
import { AppShell, Badge, Button, Group, Text } from "@mantine/core";
import { Link, Outlet } from "@tanstack/react-router";
import { Eye } from "lucide-react";
import { OfflineBanner } from "../kit/OfflineBanner";
import { ThemeMenu } from "./ThemeMenu";

export function ReadOnlyShell() {
  return (
    <AppShell header={{ height: 48 }} padding={0}>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" gap="sm" wrap="nowrap">
          <Group gap={8} wrap="nowrap">
            <img src="/assets/icon.svg" alt="" width={24} height={24} />
            <Text fw={650} size="lg" visibleFrom="xs">
              Muster
            </Text>
          </Group>
          <Badge leftSection={<Eye size={12} aria-hidden />} styles={{ root: { background: "var(--info-fill)", color: "var(--info-text)" } }}>
            Read-only link
          </Badge>
          <Group gap={4} ml="auto" wrap="nowrap">
            <Button component={Link} to="/sign-in" variant="subtle" color="gray" size="compact-sm">
              Sign in
            </Button>
            <ThemeMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <OfflineBanner />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
