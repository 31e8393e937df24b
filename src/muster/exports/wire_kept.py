"""The public JSON names of what exports keep: connections, schedules, suppressions."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.db.cursors import Cursor
from muster.errors import Issue
from muster.exports.connection_store import KeptConnection
from muster.exports.model import Export
from muster.exports.schedule_store import ExportSchedule
from muster.exports.schedules import ScheduleAndLast
from muster.exports.suppress import Added, Checked
from muster.exports.suppressed import SuppressionKind
from muster.exports.suppression_store import Suppression
from muster.exports.wire import definition_view


class ExportConnectionJson(TypedDict):
    """Kept settings; secrets that are set read as null."""

    id: str
    destination: str
    name: str
    settings: dict[str, Any]
    created_at: str
    updated_at: str


class ExportConnectionAnswerJson(TypedDict):
    status: Literal["success"]
    connection: ExportConnectionJson


class ExportConnectionsJson(TypedDict):
    status: Literal["success"]
    connections: list[ExportConnectionJson]
    total: int
    next_cursor: None


class ExportTriedJson(TypedDict):
    """What the destination said; code: why it would take nothing."""

    status: Literal["success"]
    ok: bool
    code: str | None
    message: str


class ScheduleJson(TypedDict):
    schedule_id: str
    name: str
    every_minutes: int
    enabled: bool
    next_at: str
    last_export_id: str | None
    last_status: str | None
    last_error_code: str | None
    last_error: str | None
    export: dict[str, Any]
    created_at: str
    updated_at: str


class ScheduleAnswerJson(TypedDict):
    status: Literal["success"]
    schedule: ScheduleJson


class SchedulesJson(TypedDict):
    status: Literal["success"]
    schedules: list[ScheduleJson]
    next_cursor: str | None
    total: int


class SuppressionJson(TypedDict):
    """One entry; what it is about cannot be read back."""

    id: str
    kind: Literal["email", "phone", "domain"]
    reason: str | None
    source: str
    created_at: str


class SuppressionsJson(TypedDict):
    status: Literal["success"]
    suppressions: list[SuppressionJson]
    next_cursor: str | None
    total: int
    counts: dict[str, int]


class RefusedValueJson(TypedDict):
    index: int
    code: str
    message: str


class AddedJson(TypedDict):
    status: Literal["success"]
    added: int
    already: int
    refused: list[RefusedValueJson]


class CheckedValueJson(TypedDict):
    index: int
    kind: Literal["email", "phone", "domain"] | None
    suppressed: bool
    by: Literal["email", "phone", "domain"] | None


class CheckedJson(TypedDict):
    status: Literal["success"]
    results: list[CheckedValueJson]


class RemovedJson(TypedDict):
    status: Literal["success"]
    removed: int


def connection_answer(kept: KeptConnection) -> bytes:
    return _encoded({"connection": _connection(kept)})


def connections_json(kept: Sequence[KeptConnection]) -> bytes:
    shown = [_connection(each) for each in kept]
    return _encoded({"connections": shown, "total": len(shown), "next_cursor": None})


def tried_json(message: str, code: str | None = None) -> bytes:
    return _encoded({"ok": code is None, "code": code, "message": message})


def schedule_answer(schedule: ExportSchedule, last: Export | None) -> bytes:
    return _encoded({"schedule": _schedule(schedule, last)})


def schedules_json(listed: Sequence[ScheduleAndLast], following: Cursor | None, total: int) -> bytes:
    shown = [_schedule(schedule, last) for schedule, last in listed]
    return _encoded({"schedules": shown, "next_cursor": _cursor(following), "total": total})


def suppressions_json(
    entries: Sequence[Suppression],
    following: Cursor | None,
    counts: Mapping[SuppressionKind, int],
    kind: SuppressionKind | None,
) -> bytes:
    shown = [
        {
            "id": entry.id,
            "kind": entry.kind.value,
            "reason": entry.reason,
            "source": entry.source,
            "created_at": rfc3339(entry.created_at),
        }
        for entry in entries
    ]
    total = sum(counts.values()) if kind is None else counts[kind]
    by_kind = {each.value: number for each, number in counts.items()}
    return _encoded(
        {"suppressions": shown, "next_cursor": _cursor(following), "total": total, "counts": by_kind}
    )


def added_json(added: Added) -> bytes:
    refused = [
        {"index": _index(issue), "code": issue.code, "message": issue.message} for issue in added.refused
    ]
    return _encoded({"added": added.added, "already": added.already, "refused": refused})


def checked_json(found: Sequence[Checked]) -> bytes:
    results = [
        {"index": each.index, "kind": each.kind, "suppressed": each.by is not None, "by": each.by}
        for each in found
    ]
    return _encoded({"results": results})


def removed_json(removed: int) -> bytes:
    return _encoded({"removed": removed})


def _connection(kept: KeptConnection) -> dict[str, Any]:
    return {
        "id": kept.id,
        "destination": kept.destination,
        "name": kept.name,
        "settings": dict(kept.settings),
        "created_at": rfc3339(kept.created_at),
        "updated_at": rfc3339(kept.updated_at),
    }


def _schedule(schedule: ExportSchedule, last: Export | None) -> dict[str, Any]:
    source = schedule.definition.source
    return {
        "schedule_id": schedule.id,
        "name": schedule.name,
        "every_minutes": schedule.every_minutes,
        "enabled": schedule.enabled,
        "next_at": rfc3339(schedule.next_at),
        "last_export_id": schedule.last_export_id,
        "last_status": None if last is None else last.status.value,
        "last_error_code": schedule.last_error_code,
        "last_error": schedule.last_error,
        "export": {
            "name": schedule.definition.name,
            "segment_id": source.segment_id,
            "upload_id": source.upload_id,
            "filter": source.filter,
            **definition_view(schedule.definition),
        },
        "created_at": rfc3339(schedule.created_at),
        "updated_at": rfc3339(schedule.updated_at),
    }


def _index(issue: Issue) -> int:
    return int(issue.pointer.rpartition("/")[2])


def _cursor(following: Cursor | None) -> str | None:
    return None if following is None else following.encode()


def _encoded(members: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({"status": "success", **members})
