"""The public JSON names of exports (API.md, section 6; docs/api/exports.md)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.exports.destinations import all_destinations
from muster.exports.model import Counts, Definition, Export, ExportStatus, Outcome
from muster.exports.outcomes import RowOutcome
from muster.exports.preview import Preview
from muster.exports.read import ExportPage, ListedExport, OutcomePage
from muster.jobs.model import Job, JobState


class SourceJson(TypedDict):
    """Where rows come from. name: of the segment or upload, null when it is gone; version: null until it is settled."""

    segment_id: str | None
    upload_id: str | None
    name: str | None
    version: int | None
    filter: dict[str, Any] | None


class FileJson(TypedDict):
    name: str
    size_bytes: int
    expires_at: str | None
    href: str


class FailuresJson(TypedDict):
    code: str
    message: str
    rows: int


class UnhashedJson(TypedDict):
    column: str
    code: str
    cells: int


class ExportChangesJson(TypedDict):
    joined: int
    changed: int
    left: int
    unchanged: int


class ExportProgressJson(TypedDict):
    phase: str
    done: int
    total: int | None
    unit: str
    rows_per_second: float | None
    seconds_left: float | None


class ExportJson(TypedDict):
    """One export. rows = written + failed + left_out + pending; rows and pending: null until they are counted."""

    export_id: str
    name: str
    status: Literal["queued", "running", "done", "done_with_failures", "failed", "cancelled"]
    source: SourceJson
    upload_ids: list[str]
    destination: str
    destination_title: str
    connection: str | None
    connection_name: str | None
    settings: dict[str, Any]
    columns: list[dict[str, Any]]
    format: str | None
    options: dict[str, bool] | None
    hashing: dict[str, Any] | None
    consent: dict[str, Any] | None
    key: list[str]
    since: Literal["last"] | None
    rows: int | None
    written: int
    failed: int
    left_out: int
    pending: int | None
    dismissed: int
    reasons: dict[str, int]
    failures: list[FailuresJson]
    changes: ExportChangesJson | None
    unhashed: list[UnhashedJson]
    file: FileJson | None
    progress: ExportProgressJson | None
    schedule_id: str | None
    parent_id: str | None
    reason_code: str | None
    reason: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    actions: list[str]


class ExportAnswerJson(TypedDict):
    status: Literal["success"]
    export: ExportJson


class ExportsJson(TypedDict):
    status: Literal["success"]
    exports: list[ExportJson]
    next_cursor: str | None
    total: int


class DefinitionAnswerJson(TypedDict):
    """What a dry run answers: the definition with its guesses, and how many rows there are."""

    status: Literal["success"]
    definition: dict[str, Any]
    rows_total: int


class ExportPreviewJson(TypedDict):
    status: Literal["success"]
    rows_total: int
    looked_at: int
    columns: list[dict[str, Any]]
    rows: list[dict[str, str | None]]
    left_out: dict[str, int]
    unhashed: list[UnhashedJson]
    key: list[str]


class ExportOutcomeJson(TypedDict):
    position: int | None
    upload_id: str | None
    row_id: int | None
    outcome: Literal["written", "failed", "left_out"]
    code: str | None
    message: str | None
    column: str | None
    change: Literal["joined", "changed", "left"] | None
    dismissed: bool


class OutcomesJson(TypedDict):
    status: Literal["success"]
    export_id: str
    outcomes: list[ExportOutcomeJson]
    next_cursor: str | None
    total: int


class DismissedJson(TypedDict):
    status: Literal["success"]
    dismissed: int


class MessageJson(TypedDict):
    status: Literal["success"]
    message: str


def export_answer(listed: ListedExport) -> bytes:
    return _encoded({"export": export_view(listed)})


def exports_json(page: ExportPage) -> bytes:
    shown = [export_view(listed) for listed in page.exports]
    following = None if page.next is None else page.next.encode()
    return _encoded({"exports": shown, "next_cursor": following, "total": page.total})


def export_view(listed: ListedExport) -> dict[str, Any]:
    """An export as everybody sees it."""
    export, job = listed.export, listed.job
    definition, counts = export.definition, export.counts
    destination = all_destinations().get(definition.destination)
    return {
        "export_id": export.id,
        "name": definition.name,
        "status": export.status.value,
        "source": {
            "segment_id": definition.source.segment_id,
            "upload_id": definition.source.upload_id,
            "name": listed.source_name,
            "version": export.version,
            "filter": definition.source.filter,
        },
        "upload_ids": list(listed.upload_ids),
        **definition_view(definition),
        "destination_title": definition.destination if destination is None else destination.manifest.title,
        "connection_name": listed.connection_name,
        "rows": export.rows,
        "written": counts.written,
        "failed": counts.failed,
        "left_out": counts.left_out_rows,
        "pending": export.pending,
        "dismissed": counts.dismissed,
        "reasons": dict(counts.left_out),
        "failures": [
            {"code": each.code, "message": each.message, "rows": each.rows} for each in counts.failures
        ],
        "changes": _changes(definition, counts),
        "unhashed": unhashed_view(counts.unhashed),
        "file": _file(export),
        "progress": None if job is None else _progress(job),
        "schedule_id": export.schedule_id,
        "parent_id": export.parent_id,
        "reason_code": export.reason_code,
        "reason": export.reason,
        "created_at": rfc3339(export.created_at),
        "started_at": None if export.started_at is None else rfc3339(export.started_at),
        "finished_at": None if export.finished_at is None else rfc3339(export.finished_at),
        "actions": _actions(export),
    }


def definition_view(definition: Definition) -> dict[str, Any]:
    """What an export is asked to do, as it could be asked again."""
    hashing, consent = definition.hashing, definition.consent
    options = definition.options
    return {
        "destination": definition.destination,
        "connection": definition.connection,
        "settings": dict(definition.settings),
        "columns": columns_view(definition),
        "format": definition.format,
        "options": None
        if definition.format is None
        else {"bom": options.bom, "formula_safe": options.formula_safe},
        "hashing": None if hashing is None else {"platform": hashing.platform, "region": hashing.region},
        "consent": None if consent is None else {"column": consent.column, "values": list(consent.values)},
        "key": list(definition.key),
        "since": "last" if definition.since_last else None,
    }


def columns_view(definition: Definition) -> list[dict[str, Any]]:
    """The columns; `as` is the first of their names outside, `outputs` all of them."""
    return [
        {
            "column": column.column,
            "as": column.outputs[0],
            "outputs": list(column.outputs),
            "field": column.field,
            "hashed": column.hashed,
        }
        for column in definition.columns
    ]


def unhashed_view(unhashed: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
    return [{"column": column, "code": code, "cells": cells} for column, code, cells in unhashed]


def definition_answer(definition: Definition, rows: int) -> bytes:
    source = definition.source
    shown = {
        "name": definition.name,
        "segment_id": source.segment_id,
        "version": source.version,
        "upload_id": source.upload_id,
        "filter": source.filter,
        **definition_view(definition),
    }
    return _encoded({"definition": shown, "rows_total": rows})


def preview_json(found: Preview) -> bytes:
    cells = [(column, code, number) for (column, code), number in found.unhashed.items()]
    return _encoded(
        {
            "rows_total": found.rows_total,
            "looked_at": found.looked_at,
            "columns": columns_view(found.definition),
            "rows": list(found.rows),
            "left_out": dict(found.left_out),
            "unhashed": unhashed_view(cells),
            "key": list(found.definition.key),
        }
    )


def outcomes_json(export_id: str, page: OutcomePage) -> bytes:
    shown = [outcome_view(row, row.digest in page.dismissed) for row in page.rows]
    following = None if page.next is None else page.next.encode()
    return _encoded(
        {"export_id": export_id, "outcomes": shown, "next_cursor": following, "total": page.total}
    )


OUTCOME_COLUMNS = (
    "position",
    "upload_id",
    "row_id",
    "outcome",
    "code",
    "message",
    "column",
    "change",
    "dismissed",
)
"""Of outcomes as lines, in this order."""


def outcome_view(row: RowOutcome, dismissed: bool) -> dict[str, Any]:
    return {
        "position": row.position,
        "upload_id": row.upload_id,
        "row_id": row.row_id,
        "outcome": row.outcome.value,
        "code": row.code,
        "message": row.message,
        "column": row.column,
        "change": row.change,
        "dismissed": dismissed and row.outcome is Outcome.FAILED,
    }


def dismissed_json(number: int) -> bytes:
    return _encoded({"dismissed": number})


def _changes(definition: Definition, counts: Counts) -> dict[str, int] | None:
    if not definition.since_last:
        return None
    return {
        "joined": counts.joined,
        "changed": counts.changed,
        "left": counts.left,
        "unchanged": counts.left_out.get("unchanged", 0),
    }


def _file(export: Export) -> dict[str, Any] | None:
    if export.file is None:
        return None
    return {
        "name": export.file.name,
        "size_bytes": export.file.size_bytes,
        "expires_at": None if export.expires_at is None else rfc3339(export.expires_at),
        "href": f"/api/audience/exports/{export.id}/download",
    }


def _progress(job: Job) -> dict[str, Any]:
    """How far it is; rates are taken over the whole run, so that asking twice without news answers the same."""
    progress = job.progress
    seconds = 0.0 if job.started_at is None else (job.updated_at - job.started_at).total_seconds()
    rate = (
        progress.done / seconds if job.state is JobState.RUNNING and seconds > 0 and progress.done else None
    )
    left = None if progress.total is None else max(progress.total - progress.done, 0)
    return {
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "rows_per_second": round(rate, 1) if rate is not None and progress.unit == "rows" else None,
        "seconds_left": None if rate is None or left is None else round(left / rate, 1),
    }


def _actions(export: Export) -> list[str]:
    if not export.status.is_final:
        return ["cancel"]
    actions = ["download"] if export.file is not None else []
    waiting = export.counts.failed - export.counts.dismissed
    if waiting > 0:
        actions += ["retry-failed", "dismiss"]
    elif export.status in {ExportStatus.FAILED, ExportStatus.CANCELLED}:
        actions.append("retry-failed")
    return [*actions, "delete"]


def _encoded(members: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({"status": "success", **members})
