"""What an export is, what it was asked to do, and what became of its rows; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from muster.exports.platforms.fields import Field, PlatformId
from muster.ids import UserId
from muster.tables.formats.write import TableFormat

JOB_KIND: Final = "export"
ERASE_KIND: Final = "erase_export"

CHANGE: Final = "_change"
"""The column of a file that says what a row is since the last export."""

CONSENTS: Final = ("true", "yes", "y", "1", "granted", "opted_in", "subscribed")
"""What counts as consent unless somebody says otherwise."""


class ExportStatus(StrEnum):
    """Where an export is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DONE_WITH_FAILURES = "done_with_failures"  # the destination refused some rows
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in {ExportStatus.QUEUED, ExportStatus.RUNNING}

    @property
    def is_done(self) -> bool:
        return self in {ExportStatus.DONE, ExportStatus.DONE_WITH_FAILURES}


class Reason(StrEnum):
    """Why a row was left out."""

    NO_CONSENT = "no_consent"
    SUPPRESSED = "suppressed"
    NOTHING_TO_MATCH = "nothing_to_match"  # no identifier could be normalised
    KEY_EMPTY = "key_empty"
    REPEATED_KEY = "repeated_key"
    UNCHANGED = "unchanged"
    DISMISSED = "dismissed"
    GONE = "gone"  # to be tried again, and no longer there


class Change(StrEnum):
    """What a row is since the last export."""

    JOINED = "joined"
    CHANGED = "changed"
    LEFT = "left"


class Outcome(StrEnum):
    """What became of a row."""

    WRITTEN = "written"
    FAILED = "failed"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class SourceWish:
    """Which rows: of a segment (of one version, None: the newest), or of an upload (those that match `filter`).

    filter: the tree as JSON. retry_of: the export whose failed rows are meant, none but those.
    """

    segment_id: str | None = None
    version: int | None = None
    upload_id: str | None = None
    filter: dict[str, Any] | None = None
    retry_of: str | None = None
    retry_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: its name in the source, its name outside, what it holds, and whether it leaves hashed.

    outputs: the names it has outside; one, but for a value that a platform wants in parts.
    """

    column: str
    outputs: tuple[str, ...]
    field: Field | None = None
    hashed: bool = False


@dataclass(frozen=True, slots=True)
class Hashing:
    """Whose hashes. region: ISO code of the country of rows that do not say theirs."""

    platform: PlatformId
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Rows whose column says none of these (compared without case and blanks around) are left out."""

    column: str
    values: tuple[str, ...] = CONSENTS


@dataclass(frozen=True, slots=True)
class FileOptions:
    """Of CSV: a byte order mark for Excel; an apostrophe before text that a spreadsheet would run."""

    bom: bool = False
    formula_safe: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """What an export is to do, with every guess filled in; stored as it is.

    country: the source's column that says of which country a row is. identities: the source's columns that hold what
    suppressions are about, by kind. key: names outside.
    """

    name: str
    source: SourceWish
    columns: tuple[ExportColumn, ...]
    destination: str
    format: TableFormat | None = None
    options: FileOptions = FileOptions()
    hashing: Hashing | None = None
    consent: Consent | None = None
    connection: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    since_last: bool = False
    country: str | None = None
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def output_names(self) -> tuple[str, ...]:
        return tuple(name for column in self.columns for name in column.outputs)


@dataclass(frozen=True, slots=True)
class Failures:
    """Rows refused alike."""

    code: str
    message: str
    rows: int


@dataclass(frozen=True, slots=True)
class OutcomePart:
    """A stored file of outcomes: its number, and how many rows of each kind it tells of."""

    number: int
    written: int = 0
    failed: int = 0
    left_out: int = 0

    def of(self, outcome: Outcome | None) -> int:
        match outcome:
            case Outcome.WRITTEN:
                return self.written
            case Outcome.FAILED:
                return self.failed
            case Outcome.LEFT_OUT:
                return self.left_out
            case None:
                return self.written + self.failed + self.left_out


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows so far. seen: rows of the source that were looked at.

    unhashed: (column, code, cells). place: where in the source the last finished portion ended.
    """

    seen: int = 0
    written: int = 0
    failed: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failures, ...] = ()
    unhashed: tuple[tuple[str, str, int], ...] = ()
    joined: int = 0
    changed: int = 0
    left: int = 0
    dismissed: int = 0
    parts: tuple[OutcomePart, ...] = ()
    place: tuple[int, int] | None = None

    @property
    def left_out_rows(self) -> int:
        return sum(self.left_out.values())


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished file: its parts are objects that make it when one is read behind the other."""

    name: str
    size_bytes: int
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Export:
    """One export as stored. version: of the segment or table it reads, None until that is settled.

    rows: in the frozen set, with those that left; None until they are counted. series: exports that only differ in
    when they were made have the same.
    """

    id: str
    user_id: UserId
    status: ExportStatus
    definition: Definition
    series: str
    version: int | None
    rows: int | None
    counts: Counts
    file: StoredFile | None
    expires_at: datetime | None
    job_id: str
    schedule_id: str | None
    parent_id: str | None
    reason_code: str | None
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None

    @property
    def pending(self) -> int | None:
        """Rows nobody reached (yet)."""
        if self.rows is None:
            return None
        done = self.counts.written + self.counts.failed + self.counts.left_out_rows
        return max(0, self.rows - done)
