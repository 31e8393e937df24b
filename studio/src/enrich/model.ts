// The things of enrichment, as the API describes them.
import type { Schemas } from "../api/client";
import type { operations } from "../api/schema";

export type JsonObject = Record<string, unknown>;

export type Need = Schemas["NeedJson"];
export type Give = Schemas["GiveJson"];
export type Provider = Schemas["ProviderJson"];
/** What holds for one use of a provider. */
export type Terms = Schemas["TermsJson"];

export type RunBody = operations["startEnrichment"]["requestBody"]["content"]["application/json"];
export type Estimate = Schemas["EstimateJson"];
export type EstimatedStep = Schemas["StepEstimateJson"];

export type Run = Schemas["RunJson"];
export type RunStep = Schemas["RunStepJson"];
export type Failure = Schemas["FailureJson"];
export type Policy = Schemas["RunTargetJson"]["policy"];

export type Connection = Schemas["ConnectionJson"];
export type Tried = Schemas["TriedJson"];
