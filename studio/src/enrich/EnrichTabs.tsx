// The two sides of enrichment: its runs, and the connections to providers of one's own.
import { Tabs } from "../kit/Tabs";

const TABS = [
  { to: "/enrichments", label: "Runs" },
  { to: "/enrichments/connections", label: "Connections" },
];

export function EnrichTabs() {
  return <Tabs label="Enrichments" tabs={TABS} />;
}
