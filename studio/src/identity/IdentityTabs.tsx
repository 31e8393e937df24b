// The two sides of identity: rows that are exactly the same person, and rows that probably are.
import { Tabs } from "../kit/Tabs";

const TABS = [
  { to: "/identity/duplicates", label: "Duplicates" },
  { to: "/identity/matches", label: "Probable matches" },
];

export function IdentityTabs() {
  return <Tabs label="Duplicates" tabs={TABS} />;
}
