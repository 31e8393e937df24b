"""What is wrong with the records of an upload, by cause; pure."""

from array import array
from dataclasses import dataclass
from typing import Literal

from muster.records.issues import RecordCode
from muster.uploads.model import Upload

MISREAD: frozenset[str] = frozenset(
    code for code in RecordCode if not code.startswith("identity_") and code is not RecordCode.DISCARDED
)
"""Codes of records whose columns could not be told apart for sure: changing a value cures none of them."""

Severity = Literal["reject", "warn", "fixed"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A reject as an example: which record it was, and what stood in the field, shortened."""

    row: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """The obvious correction of a group: for how many rows there is one, and the first of them.

    is_exact: False when only some of the values were looked at; then `rows` is at least that many.
    """

    rows: int
    is_exact: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RejectGroup:
    """Rejects with one cause. has_columns: whether any of them has columns that could be told apart."""

    code: str
    field: str | None
    rows: int
    message: str
    samples: tuple[Sample, ...]
    has_columns: bool
    suggested: Suggested | None = None


@dataclass(frozen=True, slots=True)
class RejectGroups:
    """groups: in order of appearance. group_of: for each reject in its order the index of its group."""

    groups: tuple[RejectGroup, ...]
    group_of: "array[int]"

    @property
    def discarded(self) -> int:
        return sum(group.rows for group in self.groups if group.code == RecordCode.DISCARDED)

    def chosen(self, code: str | None, field: str | None) -> frozenset[int]:
        """Indexes of the groups with this code and field; None: any; an empty field: those of whole records."""
        return frozenset(
            at
            for at, group in enumerate(self.groups)
            if code in {None, group.code} and (field is None or field == (group.field or ""))
        )

    def rows_of(self, chosen: frozenset[int]) -> int:
        return sum(self.groups[at].rows for at in chosen)


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Rows with one cause, kept aside or in the table.

    edited: rows of the table whose cell was edited since. fixes: actions worth offering, the likeliest first.
    """

    code: str
    field: str | None
    severity: Severity
    rows: int
    edited: int
    message: str
    samples: tuple[Sample, ...]
    suggested: Suggested | None
    fixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UploadIssues:
    """Everything that is wrong with an upload. version: of its table, None before there is one.

    rows_discarded: of the rejected ones. rows_warned, rows_fixed: rows of the table with at least one finding.
    """

    upload: Upload
    version: int | None
    groups: tuple[CauseGroup, ...]
    rows_rejected: int
    rows_discarded: int
    rows_warned: int
    rows_fixed: int
