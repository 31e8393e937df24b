// The two sides of API keys: the keys themselves, and what was asked with them.
import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import classes from "./KeyTabs.module.css";

const TABS = [
  { to: "/keys", label: "Keys" },
  { to: "/keys/requests", label: "Requests" },
] as const;

export function KeyTabs() {
  return (
    <Group component="nav" aria-label="API keys" gap={0} mb="md" className={classes.tabs}>
      {TABS.map(({ to, label }) => (
        <Link key={to} to={to} className={classes.tab} activeOptions={{ exact: true, includeSearch: false }}>
          {label}
        </Link>
      ))}
    </Group>
  );
}
