"""What an upload is; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from muster.errors import Issue
from muster.ids import UploadId


class UploadStatus(StrEnum):
    """Where an upload is in its life (API.md, section 3)."""

    RECEIVING = "receiving"
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    READY = "ready"
    READY_WITH_ERRORS = "ready_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"


class Source(StrEnum):
    """How the records came in."""

    API = "api"
    FILE = "file"
    WEBHOOK = "webhook"
    COMPAT = "compat"


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload's metadata. rows_received = rows_accepted + rows_rejected, always.

    fields: names to show first; None until they were worked out. size_bytes: decoded body as received.
    stored_bytes: its objects, compressed.
    """

    id: UploadId
    name: str
    source: Source
    status: UploadStatus
    status_reason: str | None
    created_at: datetime
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    fields: tuple[str, ...] | None
    fields_declared: bool
    size_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender of a batch is told once it is durable."""

    upload_id: UploadId
    upload_token: str
    rows_received: int
    rows_accepted: int
    issues: tuple[Issue, ...]
    issues_total: int


@dataclass(frozen=True, slots=True)
class UploadFilter:
    """Which uploads to list; None means any. `name` is contained, ignoring case; one of `statuses` fits."""

    name: str | None = None
    statuses: tuple[UploadStatus, ...] | None = None
    source: Source | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    has_errors: bool | None = None

    def is_empty(self) -> bool:
        return self == UploadFilter()
