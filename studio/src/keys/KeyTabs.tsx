// The two sides of API keys: the keys themselves, and what was asked with them.
import { Tabs } from "../kit/Tabs";

const TABS = [
  { to: "/keys", label: "Keys" },
  { to: "/keys/requests", label: "Requests" },
];

export function KeyTabs() {
  return <Tabs label="API keys" tabs={TABS} />;
}
