// The sides of exports: what left the house, where it can go, what goes by itself, and who never leaves.
import { Tabs } from "../kit/Tabs";

const TABS = [
  { to: "/exports", label: "Exports" },
  { to: "/exports/connections", label: "Connections" },
  { to: "/exports/schedules", label: "Schedules" },
  { to: "/exports/suppressions", label: "Suppressions" },
];

export function ExportTabs() {
  return <Tabs label="Exports" tabs={TABS} />;
}
