// The things of identity, as the API describes them.
import type { Schemas } from "../api/client";
import type { operations } from "../api/schema";

export type Duplicates = Schemas["DuplicatesAnswer"];
export type DuplicateGroup = Schemas["GroupJson"];
export type MemberColumn = Schemas["MemberColumnJson"];
export type MemberRow = Schemas["MemberRowJson"];

export type Match = Schemas["MatchJson"];
export type MatchBody = operations["createMatch"]["requestBody"]["content"]["application/json"];
export type Compare = MatchBody["compare"][number];
export type CompareKind = Compare["kind"];
export type Pair = Schemas["PairJson"];
export type PairsAnswer = Schemas["PairsAnswer"];
export type Evidence = Schemas["EvidenceJson"];

/** How rows of the same person are joined, as requests say it; what is left out the server finds out or takes as usual. */
export type Dedupe = NonNullable<operations["showDuplicates"]["requestBody"]["content"]["application/json"]["dedupe"]>;
export type By = Dedupe["by"];
export type Keep = NonNullable<Dedupe["keep"]>;
export type Fields = NonNullable<Dedupe["fields"]>;
export type Policy = Fields[string];
