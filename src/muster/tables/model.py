"""What a table is: an immutable manifest of columns and the files they lie in; pure."""

import hashlib
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
    origin: `upload`, or what added the column later (`enrichment:` and the provider). group: which column group
    its files belong to.
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
    """Values of one column that stand in the place of the original ones: what was edited, what was filled in.

    A Parquet file of `_row_id` (sorted), `value`, `typed` if the column has a twin, and `run` (int64): the number of
    the enrichment that filled the cell (`Added.number`), null where a person edited it.
    """

    column: str  # physical name
    key: str
    rows: int


@dataclass(frozen=True, slots=True)
class Traces:
    """A file that tells where values came from (provenance.py), of rows first_row_id to last_row_id (inclusive)."""

    key: str
    first_row_id: int
    last_row_id: int


@dataclass(frozen=True, slots=True)
class Added:
    """What one enrichment put into a table, for as long as it is not undone.

    columns: physical names of those it made or filled, and providers: their ids, both in the order `traces` number
    them. traces: in order of row id. failures, reports: keys of what else the run wrote down about its rows.
    """

    run_id: str
    columns: tuple[str, ...]
    providers: tuple[str, ...]
    traces: tuple[Traces, ...] = ()
    failures: str | None = None
    reports: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return run_number(self.run_id)


def run_number(run_id: str) -> int:
    """64 bits that tell runs apart where their ids would take too much room."""
    return int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of a table.

    rows: row ids given out, hidden ones included. hidden_key: a Parquet file of the `_row_id`s (sorted) that
    no longer belong (duplicates a rule refused, erased people); hidden_rows: how many.
    issues: Parquet files of warnings and fixes: `_row_id`, `field`, `code`, `severity`, `value`, `fixed`,
    `message`, sorted by `_row_id`. rejects_key: the framed rejects (objects/frames.py), None when there are
    none. profile_key: the stored profile (JSON); profiled: the overlays it knows of. noted: who wrote the newest
    part of group 0 and its number; its note says what is known of the columns after it. added: what enrichments
    put in, the oldest first.
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
    profiled: tuple[Overlay, ...] = ()
    added: tuple[Added, ...] = ()

    @property
    def visible_rows(self) -> int:
        return self.rows - self.hidden_rows

    @property
    def is_edited_since_profile(self) -> bool:
        return set(self.overlays) != set(self.profiled)

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
    ENRICHMENT = "enrichment"


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
