// The things of enrichment, as the API describes them.
import type { Schemas } from "../api/client";
import type { operations } from "../api/schema";

export type JsonObject = Record<string, unknown>;

export type Need = Schemas["NeedJson"];
export type Give = Schemas["GiveJson"];
export type Provider = Schemas["ProviderJson"];
/** What holds for one use of a provider. */
export type Terms = Pick<Provider, "needs" | "needs_one" | "gives" | "price" | "price_per" | "cached_days" | "rate">;

export type RunBody = operations["startEnrichment"]["requestBody"]["content"]["application/json"];
export type Estimate = Schemas["EstimateJson"];
export type EstimatedStep = Schemas["StepEstimateJson"];

export type Run = Schemas["RunJson"];
export type RunStep = Schemas["RunStepJson"];
export type Failure = Schemas["FailureJson"];
export type Policy = Schemas["RunTargetJson"]["policy"];

export interface Connection extends Terms {
  id: string;
  provider: string;
  name: string;
  settings: JsonObject;
  /** Not when its provider is gone or takes other settings now, or its secrets cannot be read. */
  usable: boolean;
  created_at: string;
  updated_at: string;
}

export interface Tried {
  outcome: string;
  reason: string | null;
  values: Record<string, string | null>;
  confidence: number | null;
  cost: number;
}
