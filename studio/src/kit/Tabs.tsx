// The sides of one place, each with an address of its own.
import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import classes from "./Tabs.module.css";

interface TabsProps {
  label: string;
  tabs: readonly { to: string; label: string }[];
}

export function Tabs({ label, tabs }: TabsProps) {
  return (
    <Group component="nav" aria-label={label} gap={0} mb="md" className={classes.tabs}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} className={classes.tab} activeOptions={{ exact: true, includeSearch: false }}>
          {tab.label}
        </Link>
      ))}
    </Group>
  );
}
