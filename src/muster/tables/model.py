"""What a table is: an immutable manifest of columns and the files they lie in; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

TableId = NewType("TableId", str)
"""The id of the upload a table was made from."""

ROW_ID = "_row_id"
"""int64, dense from 0 in the order rows joined the table; the first column of every file of a table."""
ROW_NUMBER = "_row"
"""int64: where the row stood in what was sent, from 0; in files of group 0 only."""


class ColumnType(StrEnum):
    """What every non-empty value of a column is. Landed text stays text; a type adds a typed twin."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    JSON = "json"  # at least one nested value; kept as compact JSON text


@dataclass(frozen=True, slots=True)
class Column:
    """One column. name: as people see it, unique in the table. physical: its name in files (`c0`, `c1` ...).

    typed: physical name of the typed twin for types other than text and json, else None: float64 for integer
    and number alike (integers of more than 15 digits stay text, so it is exact), bool, date32, timestamp[us]
    in UTC. The text column (large_string) always exists and is what is shown.
    origin: `upload`, or what added the column later. group: which column group its files belong to.
    """

    name: str
    physical: str
    type: ColumnType = ColumnType.TEXT
    typed: str | None = None
    origin: str = "upload"
    group: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: rows first_row_id up to first_row_id + rows of one column group."""

    key: str
    first_row_id: int
    rows: int
    size_bytes: int
    sha256: str
    columns: tuple[str, ...]  # physical names in the file, without the row id


@dataclass(frozen=True, slots=True)
class Group:
    """A column group: parts in order of row id that cover all rows; a column a part lacks is null there."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Edited values of one column: a Parquet file of `_row_id` (sorted), `value`, and `typed` if it has a twin."""

    column: str  # physical name
    key: str
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of a table.

    rows: row ids given out, hidden ones included. hidden_key: a Parquet file of the `_row_id`s (sorted) that
    no longer belong (duplicates a rule refused, erased people); hidden_rows: how many.
    issues: Parquet files of warnings and fixes: `_row_id`, `field`, `code`, `severity`, `value`, `fixed`,
    `message`, sorted by `_row_id`. rejects_key: the framed rejects (objects/frames.py), None when there are
    none. profile_key: the stored profile (JSON). noted: who wrote the newest part and its number; its note
    says what is known of the columns after it.
    """

    table_id: TableId
    version: int
    parent: int | None
    made_by: str  # job id or `edit`
    rows: int
    rows_received: int
    rows_rejected: int
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    overlays: tuple[Overlay, ...] = ()
    hidden_key: str | None = None
    hidden_rows: int = 0
    issues: tuple[str, ...] = ()
    issues_rows: int = 0
    rejects_key: str | None = None
    profile_key: str | None = None
    noted: tuple[str, int] | None = None

    @property
    def visible_rows(self) -> int:
        return self.rows - self.hidden_rows

    def column(self, name: str) -> Column | None:
        """The column people know as `name`."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class TablePointer:
    """Which version of a table is the newest. rows: visible ones; size_bytes: of the files it names."""

    table_id: TableId
    version: int
    rows: int
    size_bytes: int
    updated_at: datetime


class ChangeKind(StrEnum):
    """How a table was changed after it was made."""

    CELLS = "cells"
    FILTER = "filter"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class TableChange:
    """One logged change. columns: names of the columns it changed; rows: how many rows.

    id: 0 before it is stored. undone_at: when it was taken back, None while it holds.
    """

    table_id: TableId
    actor: str
    at: datetime
    kind: ChangeKind
    columns: tuple[str, ...]
    rows: int
    from_version: int
    to_version: int
    undone_at: datetime | None = None
    id: int = 0
