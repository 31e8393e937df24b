"""What requests to this room say, parsed once at the edge."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from muster.exports.model import ExportStatus
from muster.exports.platforms.fields import Field, PlatformId
from muster.tables.formats.write import TableFormat
from muster.web.json_body import body_refused, decode_json

MAX_SUPPRESSIONS: Final = 1_000
MAX_PREVIEW_ROWS: Final = 100

_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Id = Annotated[str, Meta(min_length=1, max_length=60)]
_ColumnName = Annotated[str, Meta(min_length=1, max_length=1000)]
_Values = Annotated[
    list[Annotated[str, Meta(max_length=1000)]], Meta(min_length=1, max_length=MAX_SUPPRESSIONS)
]


class ColumnBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A column of the source, its name outside, what it holds."""

    column: _ColumnName
    as_: _ColumnName | None = msgspec.field(name="as", default=None)
    field: Field | None = None


class OptionsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """None: as the destination has it by default."""

    bom: bool | None = None
    formula_safe: bool | None = None


class HashingBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose hashes, and of which country phones and places are when a row does not say."""

    platform: PlatformId
    region: Annotated[str, Meta(pattern="^[A-Za-z]{2}$")] | None = None


class ConsentBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which column says that a row may leave, and what it says then."""

    column: _ColumnName
    values: (
        Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=100)] | None
    ) = None


class ExportBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An export as asked for, before anything is known of its source."""

    name: _Name | None = None
    segment_id: _Id | None = None
    version: Annotated[int, Meta(ge=1)] | None = None
    upload_id: _Id | None = None
    filter: dict[str, Any] | None = None
    columns: Annotated[list[str | ColumnBody], Meta(min_length=1, max_length=5000)] | None = None
    format: TableFormat | None = None
    options: OptionsBody = OptionsBody()
    hashing: HashingBody | None = None
    consent: ConsentBody | None = None
    destination: Annotated[str, Meta(max_length=60)] = "download"
    connection: _Id | None = None
    settings: dict[str, Any] = {}
    key: Annotated[list[_ColumnName], Meta(min_length=1, max_length=20)] | None = None
    since: Literal["last"] | None = None
    dry_run: bool = False
    rows: Annotated[int, Meta(ge=1, le=MAX_PREVIEW_ROWS)] = 10


class ScheduleBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A schedule to be made."""

    every_minutes: Annotated[int, Meta(ge=5, le=44_640)]
    export: ExportBody
    name: _Name | None = None
    starts_at: datetime | None = None
    enabled: bool = True


class ScheduleChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Members of a schedule to be changed; those left out stay."""

    name: _Name | None = None
    every_minutes: Annotated[int, Meta(ge=5, le=44_640)] | None = None
    export: ExportBody | None = None
    starts_at: datetime | None = None
    enabled: bool | None = None


class ConnectionBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of a destination to be kept."""

    destination: Annotated[str, Meta(max_length=60)]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    settings: dict[str, Any] = {}


class ConnectionChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Members of a connection to be changed; those left out stay, and so do secrets that are null."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    settings: dict[str, Any] | None = None


class RetryBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which failures are to be tried again; None: all."""

    codes: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=100)] | None = (
        None
    )


class DismissBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which failed rows are to be left alone; exactly one of the three."""

    positions: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(min_length=1, max_length=10_000)] | None = (
        None
    )
    codes: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=100)] | None = (
        None
    )
    all: bool = False


class SuppressionsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """People who must not leave, or who may again."""

    values: _Values
    kind: Literal["email", "phone", "domain"] | None = None
    region: Annotated[str, Meta(pattern="^[A-Za-z]{2}$")] | None = None
    reason: Annotated[str, Meta(max_length=300)] | None = None


def parse_export(body: bytes) -> ExportBody:
    """Raises InputError."""
    asked = decode_json(body, ExportBody)
    check_source(asked)
    return asked


def check_source(asked: ExportBody, pointer: str = "") -> None:
    """Raise InputError (`selection_unclear`) unless exactly one source is named."""
    if (asked.segment_id is None) == (asked.upload_id is None):
        raise body_refused(
            f"{pointer}segment_id", "selection_unclear", "Give one of `segment_id` and `upload_id` to export."
        )
    if asked.segment_id is not None and asked.filter is not None:
        message = "A segment has its own filter; `filter` goes with `upload_id`."
        raise body_refused(f"{pointer}filter", "selection_unclear", message)
    if asked.upload_id is not None and asked.version is not None:
        message = "`version` is one of a segment; of an upload the newest table is taken."
        raise body_refused(f"{pointer}version", "selection_unclear", message)


def parse_schedule(body: bytes) -> ScheduleBody:
    """Raises InputError."""
    asked = decode_json(body, ScheduleBody)
    check_source(asked.export, "export.")
    _check_time(asked.starts_at)
    return asked


def parse_schedule_change(body: bytes) -> ScheduleChange:
    """Raises InputError."""
    asked = decode_json(body, ScheduleChange)
    if asked.export is not None:
        check_source(asked.export, "export.")
    _check_time(asked.starts_at)
    return asked


def parse_dismiss(body: bytes) -> DismissBody:
    """Raises InputError."""
    asked = decode_json(body, DismissBody)
    if sum((asked.positions is not None, asked.codes is not None, asked.all)) != 1:
        raise body_refused("positions", "selection_unclear", "Give one of `positions`, `codes` and `all`.")
    return asked


def parse_retry(body: bytes) -> RetryBody:
    """An empty body means all failures. Raises InputError."""
    return decode_json(body, RetryBody) if body.strip() else RetryBody()


def parse_connection(body: bytes) -> ConnectionBody:
    """Raises InputError."""
    return decode_json(body, ConnectionBody)


def parse_connection_change(body: bytes) -> ConnectionChange:
    """Raises InputError."""
    return decode_json(body, ConnectionChange)


def parse_suppressions(body: bytes) -> SuppressionsBody:
    """Raises InputError."""
    return decode_json(body, SuppressionsBody)


class TrialBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of an export, to try a connection with."""

    settings: dict[str, Any] = {}


def parse_trial(body: bytes) -> dict[str, Any]:
    """An empty body means no settings. Raises InputError."""
    return decode_json(body, TrialBody).settings if body.strip() else {}


def parse_statuses(text: str | None) -> frozenset[ExportStatus] | None:
    """Statuses between commas; None for all. Raises InputError (`parameter_invalid`)."""
    if text is None:
        return None
    known = {status.value for status in ExportStatus}
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or not known.issuperset(names):
        message = f"`status` is one or several of {', '.join(sorted(known))}, between commas."
        raise body_refused("status", "parameter_invalid", message)
    return frozenset(map(ExportStatus, names))


def _check_time(moment: datetime | None) -> None:
    if moment is not None and moment.tzinfo is None:
        raise body_refused(
            "starts_at", "body_invalid", "Give the time with its zone, such as 2025-01-16T02:00:00Z."
        )
