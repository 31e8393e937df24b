"""What is told about the table of an upload; frozen values, their members named as on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. origin: the column of the file it was made of, or what else made it."""

    name: str
    type: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class RowIssue:
    """What a rule said about an accepted row. fixed: the value it put there, under severity `fix`."""

    field: str | None
    code: str
    severity: str
    message: str
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    row_id: names the row in `edit_rows`, for good. row: which record of the upload it was, from 0.
    values: the text of each asked column, None where it is empty. edited: columns that were edited since.
    """

    row_id: int
    row: int | None
    values: Mapping[str, str | None]
    issues: tuple[RowIssue, ...] = ()
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """A window of a table. total: rows the filter finds, an estimate unless total_exact."""

    upload_id: str
    version: int
    offset: int
    limit: int
    total: int
    total_exact: bool
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value and in how many rows it stands."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose value lies from low up to high: numbers for numbers and lengths, text for days and times."""

    low: float | str
    high: float | str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. filled + empty = rows of the table; `distinct` is about right, or exact where it says so."""

    name: str
    type: str
    filled: int
    empty: int
    distinct: int
    distinct_exact: bool = False
    top: tuple[TopValue, ...] = ()
    top_exact: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    histogram: tuple[Bin, ...] = ()
    length_min: int | None = None
    length_max: int | None = None
    length_mean: float | None = None
    lengths: tuple[Bin, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    rows_with_issues: int = 0
    invalid_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What the columns of a table hold. edited_since: whether rows were edited after it was made."""

    upload_id: str
    version: int
    rows: int
    edited_since: bool
    columns: tuple[ColumnProfile, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did. change_id: to be undone by; None when nothing was changed."""

    upload_id: str
    version: int
    rows_changed: int
    change_id: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One logged change of a table."""

    change_id: int
    kind: str
    columns: tuple[str, ...]
    rows: int
    actor: str
    at: datetime
    undone_at: datetime | None
    from_version: int
    to_version: int


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """What became of one corrected row; code, field and message only when it was not taken."""

    row: int
    status: str
    code: str | None = None
    field: str | None = None
    message: str | None = None

    @property
    def is_accepted(self) -> bool:
        return self.status == "success"


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of corrected rows, and the upload's counts afterwards."""

    upload_id: str
    upload_status: str
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    accepted: int
    failed: int
    results: tuple[RetryOutcome, ...]
