"""What requests to this room say, parsed once at the edge."""

from datetime import UTC, datetime

import msgspec

from muster.errors import InputError, UnsupportedMedia
from muster.records.parse import BatchQuery, ParsedBatch, name_problem, parse_batch
from muster.uploads.bulk import MAX_BULK, Operation
from muster.uploads.model import Source, UploadFilter, UploadStatus
from muster.web.accept import NDJSON
from muster.web.body import Body, is_json
from muster.web.json_body import body_refused, decode_json

NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines"})


class _Rename(msgspec.Struct):
    upload_name: str


class _Filter(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    status: str | None = None
    source: Source | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    has_errors: bool | None = None


class _Bulk(msgspec.Struct):
    operation: str
    upload_ids: list[str] | None = None
    filter: _Filter | None = None
    cascade: bool = False


def check_media_type(media_type: str) -> None:
    """Raise UnsupportedMedia unless a batch can be read in this media type."""
    if not is_json(media_type) and media_type not in NDJSON_TYPES:
        raise UnsupportedMedia(
            "Send the batch as `Content-Type: application/json` or `application/x-ndjson`."
        )


def parse_body(
    body: Body, query: BatchQuery, *, max_records: int, keep_all: bool = False
) -> tuple[bytes, ParsedBatch]:
    """The decoded bytes and the checked batch; runs in a worker thread. Raises InputError and its kinds."""
    decoded = body.decoded()
    ndjson = body.media_type in NDJSON_TYPES
    return decoded, parse_batch(
        decoded, max_records=max_records, query=query, ndjson=ndjson, keep_all=keep_all
    )


def parse_rename(body: bytes) -> str:
    """The new name. Raises InputError."""
    name: str = decode_json(body, _Rename).upload_name
    problem = name_problem(name)
    if problem is not None:
        raise InputError(problem.message, code=problem.code, issues=[problem])
    return name


def parse_bulk(body: bytes) -> tuple[Operation, list[str] | UploadFilter, bool]:
    """What to do to which uploads (ids or a filter), and whether to all that is made from them. Raises InputError."""
    bulk = decode_json(body, _Bulk)
    if bulk.operation not in tuple(Operation):
        known = ", ".join(f"`{operation}`" for operation in Operation)
        raise body_refused("operation", "operation_unknown", f"`operation` must be one of {known}.")
    return Operation(bulk.operation), _chosen(bulk), bulk.cascade


def _chosen(bulk: _Bulk) -> list[str] | UploadFilter:
    if (bulk.upload_ids is None) == (bulk.filter is None):
        raise body_refused("upload_ids", "selection_unclear", "Give either `upload_ids` or `filter`.")
    if bulk.filter is not None:
        return checked_filter(**{name: getattr(bulk.filter, name) for name in bulk.filter.__struct_fields__})
    ids = bulk.upload_ids or []
    if not 1 <= len(ids) <= MAX_BULK:
        raise body_refused("upload_ids", "selection_size", f"Name 1 to {MAX_BULK} uploads in `upload_ids`.")
    if any("\x00" in upload_id for upload_id in ids):
        raise body_refused("upload_ids", "parameter_invalid", "An upload id holds a NUL character.")
    return ids


def statuses_of(text: str) -> tuple[UploadStatus, ...]:
    """Statuses between commas. Raises InputError (`parameter_invalid`)."""
    named = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in named if name not in tuple(UploadStatus)]
    if unknown or not named:
        known = ", ".join(f"`{status}`" for status in UploadStatus)
        raise body_refused("status", "parameter_invalid", f"`status` is one or more of {known}, with commas.")
    return tuple(UploadStatus(name) for name in named)


def checked_filter(
    *,
    name: str | None = None,
    status: str | None = None,
    source: Source | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    has_errors: bool | None = None,
) -> UploadFilter:
    """A filter whose values any database takes; times without a zone are UTC. Raises InputError."""
    if name is not None and "\x00" in name:
        raise body_refused("name", "parameter_invalid", "`name` holds a NUL character; remove it.")
    return UploadFilter(
        name=name,
        statuses=None if status is None else statuses_of(status),
        source=source,
        created_after=_utc("created_after", created_after),
        created_before=_utc("created_before", created_before),
        has_errors=has_errors,
    )


def _utc(member: str, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise body_refused(member, "parameter_invalid", f"`{member}` is outside the calendar.") from error
