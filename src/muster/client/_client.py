"""The client: what a server offers around uploads, as plain calls."""

import json
import math
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, overload

import httpx2
import msgspec

from ._address import UPLOADS, upload_path
from ._connection import Connection
from ._enrichments_client import EnrichmentsClient
from ._errors import NotFound
from ._export_schedules_client import ExportSchedulesClient
from ._exports_client import ExportsClient
from ._files import FileRecords
from ._matches_client import MatchesClient
from ._model import (
    BatchLimits,
    DeleteOutcome,
    Record,
    RejectedRecord,
    Upload,
    UploadPage,
    UploadReport,
    UploadWithRecords,
    ValidationReport,
)
from ._rejects import lines_of, read_rejects
from ._rules_client import RulesClient
from ._segments_client import SegmentsClient
from ._suppressions_client import SuppressionsClient
from ._tables_client import TablesClient
from ._upload import OnProgress, OnReject, UploadRun
from ._validate import validate_records
from ._work_client import WorkClient

DEFAULT_URL = "http://localhost:3000"
DEFAULT_LIMITS = BatchLimits()
_MEDIA_TYPES = {"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv"}


class Client(
    WorkClient,
    TablesClient,
    RulesClient,
    EnrichmentsClient,
    ExportsClient,
    ExportSchedulesClient,
    SuppressionsClient,
    SegmentsClient,
    MatchesClient,
):
    """A connection to one Muster server; use it as a context manager, from one thread at a time.

    **Usage**:

    Client()                             # MUSTER_URL and MUSTER_API_KEY, or http://localhost:3000
    Client("https://muster.example.org", api_key="muster_...")
    Client(timeout=5.0)                  # seconds of silence before Unreachable, instead of 60
    Client(transport=FakeMuster().transport, api_key="muster_test")     # no server at all

    attempts: how often one request is tried in all when the server is away, busy or failing.
    Every method raises a MusterApiError for anything but success.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        attempts: int = 5,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.base_url = (base_url or os.environ.get("MUSTER_URL") or DEFAULT_URL).rstrip("/")
        self._api_key = api_key or os.environ.get("MUSTER_API_KEY") or None
        self._connection = Connection(
            base_url=self.base_url,
            api_key=self._api_key,
            timeout_seconds=timeout,
            attempts=attempts,
            transport=transport,
        )

    def __repr__(self) -> str:
        # The 8 characters after `muster_` are the key's public id; the secret never shows.
        key = (
            None
            if self._api_key is None
            else f"{self._api_key[:15]}..."
            if len(self._api_key) > 40
            else "..."
        )
        return f"Client({self.base_url!r}, api_key={key!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client is of no use afterwards."""
        self._connection.close()

    def upload(
        self,
        records: Iterable[Record],
        *,
        name: str,
        fields: Iterable[str] | None = None,
        skip_invalid: bool = False,
        on_progress: OnProgress | None = None,
        on_reject: OnReject | None = None,
        limits: BatchLimits = DEFAULT_LIMITS,
    ) -> UploadReport:
        """Store any number of records, split into as many batches as the limits ask for.

        records: mappings of JSON values, or JSON objects as bytes (sent byte for byte); read lazily, once.
        name: 1 to 100 characters. When there is more than one batch they are named `name (part 1)` and so on.
        fields: names to show first; kept and given back.
        skip_invalid: store the good records and report the others, instead of refusing.
        on_reject: takes each rejected record as it is found; they are then not in the report.

        Running the same upload again does not store its batches twice, for as long as the server remembers
        (24 hours by default): the answer is then the first run's, with `replayed` on the part.
        Raises InvalidRecords, naming records by their number in `records`, when one cannot be used and
        `skip_invalid` is off. Parts stored until then stay stored and are in the error's `stored`.
        """
        return self._run(
            records,
            name=name,
            fields=fields,
            skip_invalid=skip_invalid,
            on_progress=on_progress,
            on_reject=on_reject,
            limits=limits,
        )

    def upload_records_file(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        fields: Iterable[str] | None = None,
        skip_invalid: bool = False,
        on_progress: OnProgress | None = None,
        on_reject: OnReject | None = None,
        limits: BatchLimits = DEFAULT_LIMITS,
    ) -> UploadReport:
        """`upload` for a file's records, checked before any is stored: .json (an array, or an object with `records`), .ndjson, .jsonl or .csv.

        name: the file's name unless given. JSON records are sent byte for byte. CSV is UTF-8 with a header
        row, cut at `,`, `;`, tab or `|`; every value is text. Raises OSError when the file cannot be read,
        InvalidRequest when it is not what its name says.
        """
        source = FileRecords(Path(path))
        return self._run(
            source,
            name=source.path.name if name is None else name,
            fields=fields,
            skip_invalid=skip_invalid,
            on_progress=on_progress,
            on_reject=on_reject,
            limits=limits,
            source=source,
        )

    def _run(
        self, records: Iterable[object], *, source: FileRecords | None = None, **options: Any
    ) -> UploadReport:
        if isinstance(records, Mapping | bytes | str):
            raise TypeError("records must be an iterable of records, not one record; put it in a list")
        return UploadRun(self._connection, source=source, **options).run(records)

    def validate(
        self, records: Iterable[Record], *, name: str = "validation", limits: BatchLimits = DEFAULT_LIMITS
    ) -> ValidationReport:
        """Ask the server what it would say about records. Nothing is stored."""
        return validate_records(self._connection, records, name=name, limits=limits)

    def list(
        self,
        *,
        name: str | None = None,
        status: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[UploadPage]:
        """Pages of uploads, newest first, fetched as they are asked for.

        name: only uploads whose name contains this. limit: uploads a page, at most 1000.
        cursor: go on where a page's `next_cursor` pointed.
        """
        asked = {"name": name, "status": status, "limit": limit}
        while True:
            params = {key: value for key, value in {**asked, "cursor": cursor}.items() if value is not None}
            said = self._connection.json("GET", UPLOADS, params=params)
            cursor = said.get("next_cursor")
            yield UploadPage(
                uploads=tuple(Upload.from_wire(one, status_member="status") for one in said["uploads"]),
                total=said.get("total"),
                next_cursor=cursor,
            )
            if not cursor:
                return

    def get(
        self, upload_id: str, *, offset: int | None = None, limit: int | None = None
    ) -> UploadWithRecords:
        """One upload with a window of its records: all of them without `offset` and `limit`."""
        answer = self._connection.call("GET", upload_path(upload_id), params=_window(offset, limit))
        body = answer.content
        said = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        records = msgspec.json.decode(said.pop("records"), type=list[msgspec.Raw])
        members = {key: msgspec.json.decode(value) for key, value in said.items()}
        upload = Upload.from_wire(members, status_member="upload_status")
        return UploadWithRecords(
            upload=upload,
            records=tuple(_record(bytes(one)) for one in records),
            total=members.get("total", upload.rows_accepted),
        )

    def find(self, upload_id: str) -> Upload:
        """One upload without its records."""
        said = self._connection.json("GET", upload_path(upload_id), params={"include": "none"})
        return Upload.from_wire(said, status_member="upload_status")

    def download(
        self,
        upload_id: str,
        *,
        format: Literal["json", "ndjson", "csv"],
        offset: int | None = None,
        limit: int | None = None,
    ) -> Iterator[bytes]:
        """The records of an upload as the server writes them, in pieces as they arrive; memory stays constant.

        json: the documented answer of one upload, with `records` in it. ndjson: each record's exact JSON on a
        line. csv: one column a field. Raises Unreachable when the answer is cut short.
        """
        path = upload_path(upload_id)
        with self._connection.stream(
            "GET", path, params=_window(offset, limit), headers={"Accept": _MEDIA_TYPES[format]}
        ) as pieces:
            yield from pieces

    @overload
    def records(
        self,
        upload_id: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        raw: Literal[False] = False,
    ) -> Iterator[dict[str, Any]]: ...
    @overload
    def records(
        self, upload_id: str, *, offset: int | None = None, limit: int | None = None, raw: Literal[True]
    ) -> Iterator[bytes]: ...
    def records(
        self, upload_id: str, *, offset: int | None = None, limit: int | None = None, raw: bool = False
    ) -> Iterator[dict[str, Any]] | Iterator[bytes]:
        """The records of an upload, in order, streamed: memory stays constant.

        raw: give each record's exact JSON, as it was sent. Otherwise numbers a float cannot hold come as
        Decimal.
        """
        lines = lines_of(self.download(upload_id, format="ndjson", offset=offset, limit=limit))
        return lines if raw else map(_record, lines)

    def rejects(self, upload_id: str) -> Iterator[RejectedRecord]:
        """Every record the server did not accept into this upload, with its reason, streamed."""
        upload_path(upload_id)  # a wrong id is said now, not at the first row
        return read_rejects(self._connection, upload_id)

    def download_rejects(
        self, upload_id: str, *, format: Literal["json", "ndjson", "csv"]
    ) -> Iterator[bytes]:
        """The same as the server writes them, in pieces as they arrive.

        csv: to be corrected in a spreadsheet and given to `retry_file`. json: a window, the first ones only.
        """
        with self._connection.stream(
            "GET", upload_path(upload_id, "/rejects"), headers={"Accept": _MEDIA_TYPES[format]}, retry=True
        ) as pieces:
            yield from pieces

    def rename(self, upload_id: str, name: str) -> None:
        """Give an upload another name: 1 to 100 characters."""
        self._connection.json("PATCH", upload_path(upload_id), body={"upload_name": name})

    def delete(self, upload_id: str) -> None:
        """Delete an upload and everything that was made from its bytes. Raises NotFound the second time."""
        attempts: list[int] = []
        try:
            self._connection.call("DELETE", upload_path(upload_id), on_attempt=attempts.append)
        except NotFound:
            # Cut off after the server did it, then asked again: it is gone, which was the wish.
            if len(attempts) < 2:
                raise

    def delete_many(self, upload_ids: Sequence[str]) -> tuple[DeleteOutcome, ...]:
        """Delete several uploads; each succeeds or fails by itself."""
        said = self._connection.json(
            "POST",
            f"{UPLOADS}/bulk",
            body={"operation": "delete", "upload_ids": [*upload_ids]},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        return tuple(
            DeleteOutcome(
                upload_id=one["upload_id"],
                deleted=one.get("status") == "success",
                code=one.get("code"),
                message=one.get("message"),
            )
            for one in said["results"]
        )

    def health(self) -> dict[str, Any]:
        """What `/api/health/ready` says; asks once, without retries. Raises when the server is not ready."""
        return self._connection.json("GET", "/api/health/ready", retry=False)


def _window(offset: int | None, limit: int | None) -> dict[str, int]:
    return {key: value for key, value in (("offset", offset), ("limit", limit)) if value is not None}


def _record(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError:
        # Valid JSON with a number outside Python's float, or an integer of thousands of digits.
        return json.loads(raw, parse_float=_number, parse_int=Decimal)


def _number(text: str) -> float | Decimal:
    value = float(text)
    return Decimal(text) if math.isinf(value) else value
