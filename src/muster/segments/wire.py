"""The public JSON names of segments (docs/api/segments.md). Nothing else spells them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired

import msgspec
from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.clock import rfc3339
from muster.segments.compare import Overlap, SideOf
from muster.segments.definition import dedupe_json, filter_json
from muster.segments.explain import Explanation, Node
from muster.segments.identity import KEY_SEPARATOR
from muster.segments.manual import Entry, IdentityEntry, Manual
from muster.segments.members_window import MembersWindow
from muster.segments.model import By, MemberColumn, Segment, Version
from muster.segments.preview import Preview
from muster.segments.read import SegmentPage, Shown
from muster.segments.sentence import sentence_of
from muster.segments.sources import Sources
from muster.segments.values import MemberRow, Row


class SegmentUploadJson(TypedDict):
    upload_id: str
    upload_name: str


class SegmentJson(TypedDict):
    id: str
    name: str
    description: str
    tags: list[str]
    kind: Literal["live", "snapshot"]
    status: Literal["ready", "computing", "failed"]
    reason_code: str | None
    reason: str | None
    uploads: list[SegmentUploadJson]
    filter: dict[str, Any] | None
    dedupe: dict[str, Any] | None
    included: int
    excluded: int
    describe: str
    version: int | None
    count: int | None
    of: int | None
    share: float | None
    joined: int | None
    left: int | None
    counted_at: str | None
    is_stale: bool
    sizes: list[int]
    created_at: str
    updated_at: str


class SegmentAnswer(TypedDict):
    status: Literal["success"]
    segment: SegmentJson


class SegmentsAnswer(TypedDict):
    status: Literal["success"]
    segments: list[SegmentJson]
    total: int
    next_cursor: str | None


class SegmentDeletedAnswer(TypedDict):
    status: Literal["success"]
    message: str


class MemberColumnJson(TypedDict):
    name: str
    type: str
    uploads: list[str]


class MemberRowJson(TypedDict):
    _upload_id: str
    _row_id: int
    values: list[str | None]
    _merged: NotRequired[list[str]]


class FunnelStepJson(TypedDict):
    pointer: str
    describe: str
    count: int


class PreviewAnswer(TypedDict):
    status: Literal["success"]
    count: int
    of: int
    share: float | None
    rows: int
    duplicates: int
    included: int
    excluded: int
    funnel: list[FunnelStepJson]
    describe: str
    dedupe: dict[str, Any] | None
    columns: list[MemberColumnJson]
    sample: list[MemberRowJson]
    versions: dict[str, int]
    milliseconds: float


class MembersAnswer(TypedDict):
    status: Literal["success"]
    segment_id: str
    version: int
    offset: int
    limit: int
    total: int
    columns: list[MemberColumnJson]
    rows: list[MemberRowJson]


class VersionJson(TypedDict):
    version: int
    at: str
    count: int
    of: int
    joined: int
    left: int
    cause: Literal["created", "changed", "tables", "members", "refreshed"]
    kept: bool


class HistoryAnswer(TypedDict):
    status: Literal["success"]
    segment_id: str
    total: int
    next_cursor: str | None
    versions: list[VersionJson]


class SideJson(TypedDict):
    id: str
    name: str
    version: int
    count: int


class CompareAnswer(TypedDict):
    status: Literal["success"]
    a: SideJson
    b: SideJson
    by: str
    both: int
    only_a: int
    only_b: int
    a_without: int
    b_without: int


class RowJson(TypedDict):
    _upload_id: str
    _row_id: int


class ExplainAnswer(TypedDict):
    status: Literal["success"]
    segment_id: str
    version: int
    upload_id: str
    row: int
    is_member: bool
    because: Literal["filter", "included", "excluded", "duplicate", "gone"]
    sentence: str
    tree: dict[str, Any] | None
    group: list[RowJson] | None


class ManualAnswer(TypedDict):
    status: Literal["success"]
    segment_id: str
    included: int
    excluded: int
    total: int
    offset: int
    limit: int
    entries: list[dict[str, Any]]


def segment_json(shown: Shown) -> dict[str, Any]:
    """One segment."""
    segment, counts = shown.segment, shown.segment.counts
    definition = segment.definition
    return {
        "id": segment.id,
        "name": segment.label.name,
        "description": segment.label.description,
        "tags": segment.label.tags,
        "kind": segment.kind,
        "status": segment.status,
        "reason_code": segment.reason_code,
        "reason": segment.reason,
        "uploads": [
            {"upload_id": upload_id, "upload_name": shown.upload_names.get(upload_id, "")}
            for upload_id in definition.uploads
        ],
        "filter": filter_json(definition.predicate),
        "dedupe": dedupe_json(definition.dedupe),
        "included": segment.included,
        "excluded": segment.excluded,
        "describe": sentence_of(definition, segment.included, segment.excluded),
        "version": segment.version,
        "count": None if counts is None else counts.members,
        "of": None if counts is None else counts.candidates,
        "share": None if counts is None else share(counts.members, counts.candidates),
        "joined": None if counts is None else counts.joined,
        "left": None if counts is None else counts.departed,
        "counted_at": None if segment.counted_at is None else rfc3339(segment.counted_at),
        "is_stale": shown.is_stale,
        "sizes": shown.sizes,
        "created_at": rfc3339(segment.created_at),
        "updated_at": rfc3339(segment.updated_at),
    }


def share(part: int, whole: int) -> float | None:
    """None of nothing."""
    return round(part / whole, 6) if whole else None


def segment_answer(shown: Shown) -> bytes:
    return msgspec.json.encode({"status": "success", "segment": segment_json(shown)})


def segments_answer(page: SegmentPage) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "segments": [segment_json(each) for each in page.segments],
            "total": page.total,
            "next_cursor": None if page.following is None else page.following.encode(),
        }
    )


def preview_answer(found: Preview) -> bytes:
    definition = found.definition
    return msgspec.json.encode(
        {
            "status": "success",
            "count": found.count,
            "of": found.candidates,
            "share": share(found.count, found.candidates),
            "rows": found.rows,
            "duplicates": found.rows - found.candidates,
            "included": found.included,
            "excluded": found.excluded,
            "funnel": [
                {"pointer": step.pointer, "describe": step.sentence, "count": step.count}
                for step in found.funnel
            ],
            "describe": sentence_of(definition, found.included, found.excluded),
            "dedupe": dedupe_json(definition.dedupe),
            "columns": columns_json(found.columns),
            "sample": [member_json(row) for row in found.sample],
            "versions": found.versions,
            "milliseconds": found.milliseconds,
        }
    )


def members_answer(window: MembersWindow) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "segment_id": window.segment_id,
            "version": window.version,
            "offset": window.offset,
            "limit": window.limit,
            "total": window.total,
            "columns": columns_json(window.columns),
            "rows": [member_json(row) for row in window.rows],
        }
    )


def columns_json(columns: Sequence[MemberColumn]) -> list[dict[str, Any]]:
    return [{"name": each.name, "type": each.type, "uploads": each.uploads} for each in columns]


def member_json(row: MemberRow) -> dict[str, Any]:
    shown: dict[str, Any] = {"_upload_id": row.upload_id, "_row_id": row.row_id, "values": row.values}
    return shown | ({"_merged": list(row.origins)} if row.origins else {})


def history_answer(segment_id: str, versions: Sequence[Version], total: int, following: str | None) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "segment_id": segment_id,
            "total": total,
            "next_cursor": following,
            "versions": [
                {
                    "version": each.number,
                    "at": rfc3339(each.at),
                    "count": each.counts.members,
                    "of": each.counts.candidates,
                    "joined": each.counts.joined,
                    "left": each.counts.departed,
                    "cause": each.cause,
                    "kept": each.made_by is not None,
                }
                for each in versions
            ],
        }
    )


def compare_answer(found: Overlap) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "a": _side(found.a),
            "b": _side(found.b),
            "by": found.by,
            "both": found.both,
            "only_a": found.only_a,
            "only_b": found.only_b,
            "a_without": found.a.without,
            "b_without": found.b.without,
        }
    )


def _side(side: SideOf) -> dict[str, Any]:
    return {
        "id": side.segment.id,
        "name": side.segment.label.name,
        "version": side.version,
        "count": side.count,
    }


def explain_answer(found: Explanation) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "segment_id": found.segment.id,
            "version": found.version,
            "upload_id": found.upload_id,
            "row": found.row_id,
            "is_member": found.is_member,
            "because": found.because,
            "sentence": found.sentence,
            "tree": None if found.tree is None else _node(found.tree, found.sources),
            "group": [_row(row, found.sources) for row in found.group] or None,
        }
    )


def _node(node: Node, sources: Sources) -> dict[str, Any]:
    shown: dict[str, Any] = {"pointer": node.pointer, "holds": node.holds, "describe": node.sentence}
    if node.parts:
        return shown | {"parts": [_node(part, sources) for part in node.parts]}
    origin = None if node.origin is None else _row(node.origin, sources)
    return shown | {"field": node.field, "value": node.value, "from": origin}


def _row(row: Row, sources: Sources) -> dict[str, Any]:
    return {"_upload_id": sources.layouts[row[0]].manifest.table_id, "_row_id": row[1]}


def manual_answer(segment: Segment, manual: Manual, offset: int, limit: int) -> bytes:
    entries = [("include", entry) for entry in manual.included]
    entries += [("exclude", entry) for entry in manual.excluded]
    return msgspec.json.encode(
        {
            "status": "success",
            "segment_id": segment.id,
            "included": len(manual.included),
            "excluded": len(manual.excluded),
            "total": len(entries),
            "offset": offset,
            "limit": limit,
            "entries": [
                {"list": name, **entry_json(entry)} for name, entry in entries[offset : offset + limit]
            ],
        }
    )


def entry_json(entry: Entry) -> Mapping[str, Any]:
    """As requests name it."""
    if not isinstance(entry, IdentityEntry):
        return {"upload_id": entry.upload_id, "row": entry.row_id}
    if entry.by is By.DOMAIN_NAME:
        domain, _, name = entry.key.partition(KEY_SEPARATOR)
        return {"domain": domain, "name": name}
    return {entry.by.value: entry.key}
