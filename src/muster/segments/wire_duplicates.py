"""The public JSON names of duplicates and how they would be merged (docs/api/segments.md)."""

from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.segments.definition import dedupe_json
from muster.segments.duplicates import Duplicates, Group
from muster.segments.wire import MemberColumnJson, MemberRowJson, columns_json, member_json


class FieldChangeJson(TypedDict):
    field: str
    before: str | None
    after: str | None
    policy: str
    origin: int | None


class GroupJson(TypedDict):
    identity: str
    size: int
    winner: int
    rows: list[MemberRowJson]
    merged: list[str | None]
    changes: list[FieldChangeJson]


class DuplicatesAnswer(TypedDict):
    status: Literal["success"]
    rows: int
    groups: int
    duplicates: int
    offset: int
    limit: int
    dedupe: dict[str, Any]
    columns: list[MemberColumnJson]
    items: list[GroupJson]


def duplicates_answer(found: Duplicates, offset: int, limit: int) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "rows": found.rows,
            "groups": found.groups,
            "duplicates": found.duplicates,
            "offset": offset,
            "limit": limit,
            "dedupe": dedupe_json(found.dedupe),
            "columns": columns_json(found.columns),
            "items": [_group(each) for each in found.items],
        }
    )


def _group(group: Group) -> dict[str, Any]:
    return {
        "identity": group.identity,
        "size": group.size,
        "winner": 0,
        "rows": [member_json(row) for row in group.rows],
        "merged": group.merged,
        "changes": [
            {
                "field": each.field,
                "before": each.before,
                "after": each.after,
                "policy": each.policy,
                "origin": each.origin,
            }
            for each in group.changes
        ],
    }
