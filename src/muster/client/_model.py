"""The values that go in and come out; frozen, and nothing in them is computed later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from ._work_model import WorkProgress

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much may go into one request. The defaults are a server's defaults (API.md, section 3).

    When a server is stricter the client finds out by itself; lower these to save it the question.
    """

    max_batch_records: int = 50_000
    max_wire_bytes: int = 5 * MIB
    max_decoded_bytes: int = 64 * MIB

    def __post_init__(self) -> None:
        if min(self.max_batch_records, self.max_wire_bytes, self.max_decoded_bytes) < 1:
            raise ValueError("Every limit of a batch must be at least 1.")


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong with one record, or with one member of the request when `row` is None.

    row: 0-based number of the record in the caller's input.
    pointer: RFC 6901 pointer into the request that was sent; None for faults found before sending.
    """

    row: int | None
    field: str | None
    pointer: str | None
    code: str
    message: str

    @classmethod
    def from_wire(cls, said: Mapping[str, Any]) -> "RowError":
        return cls(
            row=said.get("row"),
            field=said.get("field"),
            pointer=said.get("pointer"),
            code=str(said.get("code", "error")),
            message=str(said.get("message", "")),
        )


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that was not stored, and why.

    row: 0-based number in the caller's input; from `Client.rejects` the row in that one upload.
    raw: the record's exact JSON, or the text that was no JSON.
    field: the column the reason is about; line: of the file, from 1. Both only where the server knows them.
    """

    row: int
    code: str
    message: str
    raw: bytes
    field: str | None = None
    line: int | None = None

    @property
    def record(self) -> Any:
        """The record as a Python value; its text when it is no JSON."""
        try:
            return msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.raw.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Part:
    """One stored batch of an upload.

    number: counts from 1. first_row, last_row: 0-based numbers in the caller's input, both inclusive.
    replayed: the server had this batch already (an earlier run, or a retry) and did not store it twice.
    session_token: opens this one upload read-only for a day; kept out of `repr`.
    """

    number: int
    upload_id: str
    upload_name: str
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    first_row: int
    last_row: int
    wire_bytes: int
    decoded_bytes: int
    replayed: bool
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is; handed to `on_progress` while it runs, always from the calling thread.

    rows_read, bytes_read: taken from the input. bytes_total: size of the input, None when unknown.
    rows_done: stored or rejected. bytes_sent: sent on the wire, compressed, retries included.
    parts: what is stored so far.
    """

    rows_read: int
    rows_done: int
    rows_rejected: int
    bytes_read: int
    bytes_total: int | None
    bytes_sent: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What became of an upload. rows_received = rows_accepted + rows_rejected, always.

    rejected: in input order; empty when the caller took them through `on_reject`.
    """

    upload_name: str
    parts: tuple[Part, ...]
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    rejected: tuple[RejectedRecord, ...] = ()

    @property
    def upload_ids(self) -> tuple[str, ...]:
        return tuple(part.upload_id for part in self.parts)


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What a server would say about records, with nothing stored. `errors` holds the first ones of each batch."""

    rows_received: int
    rows_accepted: int
    rows_rejected: int
    errors: tuple[RowError, ...]

    @property
    def is_valid(self) -> bool:
        return self.rows_rejected == 0


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload, without its records.

    status: receiving, uploaded, processing, ready, ready_with_errors, failed, cancelled, deleting.
    status_reason: why, when it is no happy one. progress: the work on it; None when nothing is being done, and
    in lists.
    """

    upload_id: str
    upload_name: str
    created_at: datetime
    rows_received: int
    status: str
    rows_accepted: int
    rows_rejected: int
    source: str = "api"
    fields: tuple[str, ...] = ()
    size_bytes: int = 0
    status_reason: str | None = None
    progress: WorkProgress | None = None

    @property
    def is_ready(self) -> bool:
        """Whether its table can be read; a failed one made anew may still have the table from before."""
        return self.status in {"ready", "ready_with_errors"}

    @classmethod
    def from_wire(cls, said: Mapping[str, Any], *, status_member: str) -> "Upload":
        """`status_member` is `status` in lists and `upload_status` on the single upload (API.md, section 3)."""
        rows = int(said["rows_received"])
        return cls(
            upload_id=said["upload_id"],
            upload_name=said["upload_name"],
            created_at=datetime.fromisoformat(said["created_at"]),
            rows_received=rows,
            status=said[status_member],
            rows_accepted=said.get("rows_accepted", rows),
            rows_rejected=said.get("rows_rejected", 0),
            source=said.get("source") or "api",
            fields=tuple(said.get("fields") or ()),
            size_bytes=said.get("size_bytes") or 0,
            status_reason=said.get("status_reason"),
            progress=_progress(said.get("progress")),
        )


@dataclass(frozen=True, slots=True)
class UploadPage:
    """One page of a list of uploads, newest first."""

    uploads: tuple[Upload, ...]
    total: int | None
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class UploadWithRecords:
    """One upload and a window of its records. `total`: all accepted records, whatever the window."""

    upload: Upload
    records: tuple[dict[str, Any], ...]
    total: int


@dataclass(frozen=True, slots=True)
class DeleteOutcome:
    """What became of one id in `Client.delete_many`; `code` and `message` only when it was not deleted."""

    upload_id: str
    deleted: bool
    code: str | None = None
    message: str | None = None


Record = Mapping[str, Any] | bytes
"""A record: a mapping of JSON values, or its JSON as bytes, which is then sent byte for byte."""


def _progress(said: Any) -> WorkProgress | None:
    try:
        return None if said is None else msgspec.convert(said, WorkProgress)
    except msgspec.ValidationError:
        return WorkProgress()  # something works on it, in a way a newer server has words for


def rows_of(errors: Sequence[RowError]) -> set[int]:
    """The distinct records the errors are about."""
    return {error.row for error in errors if error.row is not None}
