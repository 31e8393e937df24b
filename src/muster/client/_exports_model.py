"""What is told about exports; frozen values, their members named as on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_AT_WORK = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an export can go. takes: `file`, in one of `formats`, or `rows`, `batch_rows` of them at once at most.

    hashing: the platform whose hashes it wants. removes: whether it can take members away again. settings,
    connection: JSON Schemas of what an export says, and of what is kept under a name; None: nothing is kept.
    """

    id: str
    title: str
    description: str
    takes: str
    formats: tuple[str, ...]
    hashing: str | None
    removes: bool
    needs_key: bool
    batch_rows: int | None
    settings: Mapping[str, Any]
    connection: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationConnection:
    """Settings of a destination, kept under a name. Secrets among them read as None."""

    id: str
    destination: str
    name: str
    settings: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TriedDestination:
    """What a destination said when it was asked whether it would take anything. code: why not."""

    ok: bool
    code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class ExportSource:
    """Where rows come from: a segment in one version, or an upload and a filter. name: None when it is gone."""

    segment_id: str | None
    upload_id: str | None
    name: str | None
    version: int | None
    filter: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of the source, and what it is called outside; a date of birth, for one, may become several.

    field: what it holds, such as `email`. hashed: whether its hashes leave instead of itself.
    """

    column: str
    outputs: tuple[str, ...]
    field: str | None
    hashed: bool


@dataclass(frozen=True, slots=True)
class ExportHashing:
    """Whose hashes. region: the country of phones and places that do not say theirs."""

    platform: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class ExportConsent:
    """Which column says that a row may leave, and what it says then."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportFailures:
    """Rows a destination refused, for one reason."""

    code: str
    message: str
    rows: int


@dataclass(frozen=True, slots=True)
class UnhashedCells:
    """Cells of one column that could not be normalised, for one reason; they left empty."""

    column: str
    code: str
    cells: int


@dataclass(frozen=True, slots=True)
class ExportChanges:
    """Members since the last export."""

    joined: int
    changed: int
    left: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The file of an export, and until when it is kept."""

    name: str
    size_bytes: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far an export is. phase: a word for people."""

    phase: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "rows"
    rows_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export. status: queued, running, done, done_with_failures, failed, cancelled.

    rows = written + failed + left_out + pending; rows, pending: None until they are counted. reasons: of those left
    out. dismissed: of those that failed. parent_id: the export whose failures it tries again. reason: why it failed.
    actions: what can be done with it now: cancel, download, retry-failed, dismiss, delete.
    """

    export_id: str
    name: str
    status: str
    source: ExportSource
    upload_ids: tuple[str, ...]
    destination: str
    destination_title: str
    connection: str | None
    connection_name: str | None
    settings: Mapping[str, Any]
    columns: tuple[ExportColumn, ...]
    format: str | None
    options: Mapping[str, bool] | None
    hashing: ExportHashing | None
    consent: ExportConsent | None
    key: tuple[str, ...]
    since: str | None
    rows: int | None
    written: int
    failed: int
    left_out: int
    pending: int | None
    dismissed: int
    reasons: Mapping[str, int]
    failures: tuple[ExportFailures, ...]
    changes: ExportChanges | None
    unhashed: tuple[UnhashedCells, ...]
    file: ExportFile | None
    progress: ExportProgress | None
    schedule_id: str | None
    parent_id: str | None
    reason_code: str | None
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    actions: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.status not in _AT_WORK


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """The first rows as they would leave, by the names of columns outside.

    looked_at: of `rows_total` rows; left_out, by reason, and unhashed are of these.
    """

    rows_total: int
    looked_at: int
    columns: tuple[ExportColumn, ...]
    rows: tuple[Mapping[str, str | None], ...]
    left_out: Mapping[str, int]
    unhashed: tuple[UnhashedCells, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What became of one row. position: in the set that was exported, from 0; None for one that left it.

    outcome: written (with a cell that could not be hashed: column and code), failed, left_out. change: joined,
    changed, left. dismissed: whether it is not to be tried again.
    """

    position: int | None
    upload_id: str | None
    row_id: int | None
    outcome: str
    code: str | None
    message: str | None
    column: str | None
    change: str | None
    dismissed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSchedule:
    """An export that is made again and again. export: what is made, as it could be asked for.

    last_error: why the last run could not even begin.
    """

    schedule_id: str
    name: str
    every_minutes: int
    enabled: bool
    next_at: datetime
    last_export_id: str | None
    last_status: str | None
    last_error_code: str | None
    last_error: str | None
    export: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of the list of people who must not leave: email, phone or domain. Whose cannot be read back."""

    id: str
    kind: str
    reason: str | None
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedValue:
    """A value that is none of an e-mail address, a phone number, a domain, by its place."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What became of values to be suppressed. already: that were on the list."""

    added: int
    already: int
    refused: tuple[RefusedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedValue:
    """Whether a value is suppressed, and by what: itself, or the domain it belongs to. kind: None: it is nothing known."""

    index: int
    kind: str | None
    suppressed: bool
    by: str | None
