// Suppressions in plain words.
import { AtSign, Globe, type LucideIcon, Phone } from "lucide-react";
import type { Result } from "./outcomes";
import type { Kind } from "./queries";

export const KINDS: Record<Kind, { label: string; many: string; icon: LucideIcon }> = {
  email: { label: "E-mail address", many: "E-mail addresses", icon: AtSign },
  phone: { label: "Phone number", many: "Phone numbers", icon: Phone },
  domain: { label: "Domain", many: "Domains", icon: Globe },
};

export const isKind = (text: string | undefined): text is Kind => text !== undefined && text in KINDS;

export const RESULTS: Record<Result, { label: string; tone: "good" | "quiet" | "bad" }> = {
  added: { label: "Added", tone: "good" },
  already: { label: "Already there", tone: "quiet" },
  repeated: { label: "Repeated", tone: "quiet" },
  refused: { label: "Not usable", tone: "bad" },
};
