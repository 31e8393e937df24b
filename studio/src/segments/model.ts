// The things of segments, as the API describes them.
import type { Schemas } from "../api/client";
import type { operations } from "../api/schema";

export type Segment = Schemas["SegmentJson"];
export type SegmentKind = Segment["kind"];
export type Preview = Schemas["PreviewAnswer"];
export type MemberColumn = Schemas["MemberColumnJson"];
export type MemberRow = Schemas["MemberRowJson"];
export type Members = Schemas["MembersAnswer"];
export type Version = Schemas["VersionJson"];
export type Compared = Schemas["CompareAnswer"];
export type CompareBy = Schemas["CompareBy"];
export type Explained = Schemas["ExplainAnswer"];

export type PreviewBody = operations["previewSegment"]["requestBody"]["content"]["application/json"];
export type SegmentBody = operations["createSegment"]["requestBody"]["content"]["application/json"];
export type ChangeBody = operations["changeSegment"]["requestBody"]["content"]["application/json"];
export type EntriesBody = operations["changeSegmentMembers"]["requestBody"]["content"]["application/json"];
export type Entry = NonNullable<EntriesBody["include"]>[number];
export type Dedupe = NonNullable<SegmentBody["dedupe"]>;

/** One line of the list of members by hand. */
export interface ListedEntry extends Entry {
  list: "include" | "exclude";
}

/** Whether a condition of the filter holds for one row; the API describes it loosely. */
export interface WhyNode {
  pointer: string;
  holds: boolean;
  describe: string;
  parts?: WhyNode[];
  field?: string;
  value?: string | null;
  from?: { _upload_id: string; _row_id: number } | null;
}
