"""The public JSON names of tables (API.md, section 4). Nothing else spells them.

Values of a row come as an array in the order of `columns`: half the bytes of objects that repeat every name,
and no column's name can clash with `_row_id`.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal, NotRequired

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.db.cursors import Cursor
from muster.tables.edit import Edited
from muster.tables.issues_view import RowIssue
from muster.tables.layout import Layout
from muster.tables.model import TableChange
from muster.tables.page import Value
from muster.tables.profile_model import ColumnProfile, Profile
from muster.tables.provenance import CellOrigin
from muster.tables.undo import ChangePage
from muster.tables.window import Window, WindowWish


class TableColumnJson(TypedDict):
    name: str
    type: str
    origin: str


class RowIssueJson(TypedDict):
    field: str | None
    code: str
    severity: str
    message: str
    fixed: str | None


class TableRowJson(TypedDict):
    _row_id: int
    _row: int | None
    values: list[str | None]
    _issues: NotRequired[list[RowIssueJson]]
    _edited: NotRequired[list[str]]


class RowsJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    version: int
    offset: int
    limit: int
    total: int
    total_exact: bool
    columns: list[TableColumnJson]
    rows: list[TableRowJson]


class EditedJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    version: int
    rows_changed: int
    change_id: int | None


class ChangeJson(TypedDict):
    change_id: int
    kind: str
    columns: list[str]
    rows: int
    actor: str
    at: str
    undone_at: str | None
    from_version: int
    to_version: int


class ChangesJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    changes: list[ChangeJson]
    next_cursor: str | None


class TopValueJson(TypedDict):
    value: str
    rows: int


class BinJson(TypedDict):
    low: float | str
    high: float | str
    rows: int


class ColumnProfileJson(TypedDict):
    name: str
    type: str
    filled: int
    empty: int
    distinct: int
    distinct_exact: bool
    top: list[TopValueJson]
    top_exact: bool
    minimum: float | str | None
    maximum: float | str | None
    histogram: list[BinJson]
    length_min: int | None
    length_max: int | None
    length_mean: float | None
    lengths: list[BinJson]
    kinds: dict[str, int]
    rows_with_issues: int
    invalid_share: float


class ProfileJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    version: int
    rows: int
    edited_since: bool
    columns: list[ColumnProfileJson]


class CellOriginJson(TypedDict):
    column: str
    edited: bool
    provider: str | None
    run_id: str | None
    at: str | None
    confidence: float | None
    cost: float | None
    cached: bool | None


class ProvenanceJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    version: int
    row_id: int
    cells: list[CellOriginJson]


class _Row(msgspec.Struct, omit_defaults=True):
    row_id: int = msgspec.field(name="_row_id")
    row: Value = msgspec.field(name="_row")
    values: Sequence[Value]
    issues: list[RowIssue] | None = msgspec.field(name="_issues", default=None)
    edited: list[str] | None = msgspec.field(name="_edited", default=None)


def rows_json(window: Window) -> bytes:
    """A window, straight to bytes."""
    page = window.page
    across = zip(*page.values, strict=True) if page.values else (() for _ in page.row_ids)
    found = window.issues.get
    rows = [
        _Row(row_id, number, values, found(row_id), edited)
        for row_id, number, values, edited in zip(
            page.row_ids, page.numbers, across, page.edited, strict=True
        )
    ]
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": window.table_id,
            "version": window.version,
            "offset": window.offset,
            "limit": window.limit,
            "total": window.total,
            "total_exact": window.total_exact,
            "columns": [
                {"name": column.name, "type": column.type.value, "origin": column.origin}
                for column in window.columns
            ],
            "rows": rows,
        }
    )


def rows_etag(shape: Layout, wish: WindowWish) -> str:
    """The same for the same window of the same version; weak, because answers may be compressed."""
    facts = f"{shape.manifest.table_id} {shape.manifest.version} {wish!r}"
    return f'W/"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"'


def edited_json(table_id: str, edited: Edited) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": table_id,
            "version": edited.version,
            "rows_changed": edited.rows_changed,
            "change_id": edited.change_id,
        }
    )


def changes_json(table_id: str, page: ChangePage) -> ChangesJson:
    last = page.changes[-1] if page.before is not None else None
    return {
        "status": "success",
        "upload_id": table_id,
        "changes": [_change_json(change) for change in page.changes],
        "next_cursor": None if last is None else Cursor(last.at, str(last.id)).encode(),
    }


def _change_json(change: TableChange) -> ChangeJson:
    return {
        "change_id": change.id,
        "kind": change.kind.value,
        "columns": list(change.columns),
        "rows": change.rows,
        "actor": change.actor,
        "at": rfc3339(change.at),
        "undone_at": None if change.undone_at is None else rfc3339(change.undone_at),
        "from_version": change.from_version,
        "to_version": change.to_version,
    }


def profile_json(shape: Layout, profile: Profile) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": shape.manifest.table_id,
            "version": shape.manifest.version,
            "rows": profile.rows,
            "edited_since": shape.manifest.is_edited_since_profile,
            "columns": [_column_json(column) for column in profile.columns],
        }
    )


def provenance_json(shape: Layout, row_id: int, cells: Sequence[CellOrigin]) -> ProvenanceJson:
    return {
        "status": "success",
        "upload_id": shape.manifest.table_id,
        "version": shape.manifest.version,
        "row_id": row_id,
        "cells": [_cell_json(cell) for cell in cells],
    }


def _cell_json(cell: CellOrigin) -> CellOriginJson:
    answer = cell.answer
    return {
        "column": cell.column,
        "edited": answer is None,
        "provider": None if answer is None else answer.provider,
        "run_id": None if answer is None else answer.run_id,
        "at": None if answer is None else rfc3339(answer.at),
        "confidence": None if answer is None else answer.confidence,
        "cost": None if answer is None else answer.cost_micros / 1_000_000,
        "cached": None if answer is None else answer.is_cached,
    }


def _column_json(column: ColumnProfile) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(column)
    del shown["physical"]
    return {**shown, "invalid_share": column.invalid_share}
