"""What one version of a table looks like to readers; worked out once for each version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from muster.predicates.compile import ColumnRef
from muster.tables.hot import Source
from muster.tables.model import ROW_ID, ROW_NUMBER, Column, ColumnType, Manifest

ISSUE_FIELDS: Final = ("field", "code", "severity", "message", "fixed")

_TWINS: Final = {
    ColumnType.INTEGER: pa.float64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIMESTAMP: pa.timestamp("us"),
}
_ID_FIELD: Final = (ROW_ID, pa.int64())


@dataclass(frozen=True, slots=True)
class Layout:
    """A manifest with what reading it needs.

    columns and refs: by the name people know. groups: the source of each column group's copy.
    overlays: of edited columns, by physical name. hidden, issues: None when there are none.
    """

    manifest: Manifest
    columns: Mapping[str, Column]
    refs: Mapping[str, ColumnRef]
    groups: tuple[Source, ...]
    overlays: Mapping[str, Source]
    hidden: Source | None
    issues: Source | None

    @property
    def without_edits(self) -> Manifest:
        """The version as it was written, hidden rows included."""
        return replace(self.manifest, overlays=(), hidden_key=None, hidden_rows=0)

    @property
    def cells(self) -> int:
        """Rows times columns: how much work a copy of it all is."""
        return self.manifest.rows * max(1, len(self.columns))


def layout_of(manifest: Manifest) -> Layout:
    """Work it out; pure."""
    by_physical = {column.physical: column for column in manifest.columns}
    return Layout(
        manifest=manifest,
        columns={column.name: column for column in manifest.columns},
        refs={column.name: _ref(column) for column in manifest.columns},
        groups=tuple(_group(manifest, number) for number in range(len(manifest.groups))),
        overlays={
            overlay.column: Source.of(
                manifest.table_id, [overlay.key], overlay_fields(by_physical[overlay.column]), overlay.rows
            )
            for overlay in manifest.overlays
        },
        hidden=None
        if manifest.hidden_key is None
        else Source.of(manifest.table_id, [manifest.hidden_key], [_ID_FIELD], manifest.hidden_rows),
        issues=_issues(manifest),
    )


def twin_type(column: Column) -> pa.DataType:
    """The Arrow type of a column's typed twin. Raises KeyError for a column that has none."""
    return _TWINS[column.type]


def overlay_fields(column: Column) -> tuple[tuple[str, pa.DataType], ...]:
    """The columns of an overlay's file."""
    typed = () if column.typed is None else (("typed", twin_type(column)),)
    return (_ID_FIELD, ("value", pa.large_string()), *typed, ("run", pa.int64()))


def _ref(column: Column) -> ColumnRef:
    typed, kind = column.typed, column.type
    return ColumnRef(
        column.name,
        column.physical,
        number=typed if kind in {ColumnType.INTEGER, ColumnType.NUMBER} else None,
        boolean=typed if kind is ColumnType.BOOLEAN else None,
        order=typed if kind in {ColumnType.DATE, ColumnType.TIMESTAMP} else None,
    )


def _group(manifest: Manifest, number: int) -> Source:
    parts = manifest.groups[number].parts
    fields = [_ID_FIELD, *([(ROW_NUMBER, pa.int64())] if number == 0 else [])]
    fields.extend(_both(column for column in manifest.columns if column.group == number))
    return Source.of(
        manifest.table_id, [part.key for part in parts], fields, sum(part.rows for part in parts)
    )


def _both(columns: Iterable[Column]) -> Iterable[tuple[str, pa.DataType]]:
    for column in columns:
        yield column.physical, pa.large_string()
        if column.typed is not None:
            yield column.typed, twin_type(column)


def _issues(manifest: Manifest) -> Source | None:
    if not manifest.issues:
        return None
    fields = [_ID_FIELD, *((name, pa.large_string()) for name in ISSUE_FIELDS)]
    return Source.of(manifest.table_id, manifest.issues, fields, manifest.issues_rows)
