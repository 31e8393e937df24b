// The frame around every page behind the sign-in: top bar, navigation, offline banner.
import { AppShell, Burger, Group, NavLink, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { KeyRound, type LucideIcon, Rows3, Send, ShieldCheck, Sparkles, Users } from "lucide-react";
import { useEffect } from "react";
import { OfflineBanner } from "../kit/OfflineBanner";
import { AccountMenu } from "./AccountMenu";
import { ReadOnlyShell } from "./ReadOnlyShell";
import { meQuery } from "./session";
import { ThemeMenu } from "./ThemeMenu";

const PLACES: { to: string; label: string; icon: LucideIcon }[] = [
  { to: "/uploads", label: "Uploads", icon: Rows3 },
  { to: "/enrichments", label: "Enrichments", icon: Sparkles },
  { to: "/segments", label: "Segments", icon: Users },
  { to: "/exports", label: "Exports", icon: Send },
  { to: "/rules", label: "Rules", icon: ShieldCheck },
  { to: "/keys", label: "API keys", icon: KeyRound },
];

export function Shell() {
  const [isOpen, menu] = useDisclosure(false);
  const { pathname } = useLocation();
  const { close } = menu;
  useEffect(close, [pathname, close]);
  const { data: me } = useQuery(meQuery);
  if (me?.only_upload != null) return <ReadOnlyShell />;
  return (
    <AppShell header={{ height: 48 }} navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !isOpen } }} padding={0}>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" gap="xs" wrap="nowrap">
          <Burger opened={isOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={isOpen ? "Close the navigation" : "Open the navigation"} />
          <Link to="/uploads" aria-label="Muster Studio, your uploads" style={{ display: "flex", alignItems: "center", gap: 8, textDecoration: "none", color: "inherit" }}>
            <img src="/assets/icon.svg" alt="" width={24} height={24} />
            <Text fw={650} size="lg">
              Muster
            </Text>
          </Link>
          <Group gap={4} ml="auto" wrap="nowrap">
            <ThemeMenu />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Studio">
        {PLACES.map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            leftSection={<Icon size={16} aria-hidden />}
            active={pathname === to || pathname.startsWith(`${to}/`)}
            aria-current={pathname === to ? "page" : undefined}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        <OfflineBanner />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
