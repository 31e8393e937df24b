"""One upload of any size: batch after batch, each stored once, whatever happens on the way.

Two rules make it safe to run again after a crash, a cut or Ctrl-C:

- Each batch carries an Idempotency-Key made from its own bytes, so the same input gives the same keys and a
  batch that is already stored is answered, not stored again (within the server's memory, 24 hours).
- With `skip_invalid` the batches still go out as `reject` until the server refuses the first one. Up to there
  their bytes equal those of a run without `skip_invalid`, so "it stopped at a bad record, run again and skip"
  does not store the beginning twice. It costs one refused request per upload.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from ._address import UPLOADS, upload_path
from ._batches import Batch, BatchReader, Envelope
from ._compress import WireBody, for_the_wire
from ._connection import Connection, object_of
from ._encode import BadRecord
from ._errors import InvalidRecords, InvalidRequest, MusterApiError, NotFound, TooLarge
from ._model import BatchLimits, Part, Progress, RejectedRecord, RowError, UploadReport, rows_of
from ._rejects import read_rejects

MAX_NAME_CHARACTERS = 100
_LONGEST_PART_SUFFIX = len(" (part 1000000)")

OnProgress = Callable[[Progress], None]
OnReject = Callable[[RejectedRecord], None]


class Source(Protocol):
    """Where records come from when it is a file: how far into it the reading has got."""

    bytes_total: int

    @property
    def bytes_read(self) -> int: ...


class UploadRun:
    """The state of one upload while it runs; used once.

    on_reject takes each rejected record as it is found, out of the report, so memory stays constant.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        name: str,
        fields: Iterable[str] | None,
        skip_invalid: bool,
        limits: BatchLimits,
        on_progress: OnProgress | None,
        on_reject: OnReject | None,
        source: Source | None = None,
    ) -> None:
        self._connection = connection
        self._name = name
        self._skip_invalid = skip_invalid
        self._given = limits
        self._cut_at = limits  # lowered when the server turns out to be stricter
        self._on_progress = on_progress
        self._on_reject = on_reject
        self._source = source
        self._envelope = Envelope(fields=None if fields is None else tuple(fields))
        self._on_invalid = "reject"
        self._waiting: deque[Batch] = deque()
        self._parts: list[Part] = []
        self._rejected: list[RejectedRecord] = []
        self._rows_rejected = 0
        self._rows_accepted = 0
        self._bytes_sent = 0

    def run(self, records: Iterable[object]) -> UploadReport:
        """Send everything. Whatever is raised carries the parts stored so far in `stored`."""
        self._reader = BatchReader(records, on_bad=self._refused_here)
        try:
            while (batch := self._next_batch()) is not None:
                self._progress()
                self._send(batch)
                self._progress()
        except MusterApiError as error:
            error.stored = tuple(self._parts)
            raise
        if not self._reader.rows_read:
            raise InvalidRequest("There are no records to upload.", code="records_empty")
        return UploadReport(
            upload_name=self._name,
            parts=tuple(self._parts),
            rows_received=self._reader.rows_read,
            rows_accepted=self._rows_accepted,
            rows_rejected=self._rows_rejected,
            rejected=tuple(sorted(self._rejected, key=lambda one: one.row)),
        )

    def _next_batch(self) -> Batch | None:
        if not self._waiting:
            overhead_bytes = self._envelope.overhead_bytes(self._name) + _LONGEST_PART_SUFFIX
            return self._reader.read(self._cut_at, overhead_bytes=overhead_bytes)
        batch = self._waiting.popleft()
        while len(batch.records) > 1 and not batch.fits(self._cut_at):
            # Put aside before the server said how little it takes: no need to ask again.
            batch, rest = batch.halves()
            self._waiting.appendleft(rest)
        return batch

    def _send(self, batch: Batch) -> None:
        """Store one batch, or put its halves back in the queue when it is too much for one request."""
        part_name = self._part_name()
        body = self._envelope.around(batch.records, name=part_name, on_invalid=self._on_invalid)
        wire = for_the_wire(body)
        limits = self._given
        half_bytes = max(1, len(body) // 2)
        if len(body) > limits.max_decoded_bytes or len(wire.content) > limits.max_wire_bytes:
            why = _too_large_here(len(body), len(wire.content), limits)
            self._halve(batch, why, max_decoded_bytes=half_bytes)
            return
        try:
            said, replayed = self._post(body, wire)
        except TooLarge as error:
            self._halve(batch, error.message, max_decoded_bytes=half_bytes)
            return
        except InvalidRequest as error:
            if is_too_many(error):
                self._halve(batch, error.message, max_batch_records=(len(batch.records) + 1) // 2)
                return
            if not rows_of(error.errors):
                raise
            if not self._skip_invalid:
                raise _translated(error, batch) from error
            if self._on_invalid == "skip":
                raise
            self._on_invalid = "skip"
            self._waiting.appendleft(batch)
            return
        self._stored(batch, said, part_name=part_name, body=body, wire=wire, replayed=replayed)

    def _post(self, body: bytes, wire: WireBody) -> tuple[dict[str, Any], bool]:
        headers = {"Content-Type": "application/json"}
        if wire.content_encoding:
            headers["Content-Encoding"] = wire.content_encoding
        key = hashlib.sha256(b"%d\n%b" % (len(self._parts) + 1, body)).hexdigest()
        while True:
            answer = self._connection.call(
                "POST",
                UPLOADS,
                content=wire.content,
                headers={**headers, "Idempotency-Key": key},
                on_sent=self._sent,
            )
            said = object_of(answer)
            replayed = answer.headers.get("Idempotency-Replayed", "").lower() == "true"
            if not replayed or self._still_there(said["upload_id"]):
                return said, replayed
            # Stored once, deleted since: the remembered answer is true no more, so ask under a new key.
            key = hashlib.sha256(f"{key} after {said['upload_id']}".encode()).hexdigest()

    def _still_there(self, upload_id: str) -> bool:
        try:
            self._connection.call("GET", upload_path(upload_id), params={"include": "none"})
        except NotFound:
            return False
        return True

    def _halve(self, batch: Batch, why: str, **stricter: int) -> None:
        """Send both halves instead, and from now on no batch beyond the `stricter` limits."""
        if len(batch.records) == 1:
            self._reject(batch.rows[0], "record_too_large", why, batch.records[0])
            return
        self._waiting.extendleft(reversed(batch.halves()))
        self._cut_at = replace(self._cut_at, **stricter)

    def _stored(
        self,
        batch: Batch,
        said: Mapping[str, Any],
        *,
        part_name: str,
        body: bytes,
        wire: WireBody,
        replayed: bool,
    ) -> None:
        received = len(batch.records)
        part = Part(
            number=len(self._parts) + 1,
            upload_id=said["upload_id"],
            upload_name=part_name,
            rows_received=received,
            rows_accepted=said.get("rows_accepted", received),
            rows_rejected=said.get("rows_rejected", 0),
            first_row=batch.rows[0],
            last_row=batch.rows[-1],
            wire_bytes=len(wire.content),
            decoded_bytes=len(body),
            replayed=replayed,
            session_token=said.get("session_token"),
        )
        self._parts.append(part)
        self._rows_accepted += part.rows_accepted
        if part.rows_rejected:
            for row, reason in self._reasons(part, said).items():
                self._keep(RejectedRecord(batch.rows[row], reason.code, reason.message, batch.records[row]))

    def _reasons(self, part: Part, said: Mapping[str, Any]) -> dict[int, RowError]:
        """Why each rejected row of a part was rejected. The answer spells out the first 100 only."""
        errors = [RowError.from_wire(one) for one in said.get("errors", ())]
        reasons = {error.row: error for error in reversed(errors) if error.row is not None}
        if len(reasons) < part.rows_rejected:
            for one in read_rejects(self._connection, part.upload_id):
                reasons.setdefault(one.row, RowError(one.row, None, None, one.code, one.message))
        return dict(sorted(reasons.items()))

    def _refused_here(self, row: int, bad: BadRecord) -> None:
        self._reject(row, bad.code, bad.message, bad.raw)

    def _reject(self, row: int, code: str, message: str, raw: bytes) -> None:
        if not self._skip_invalid:
            raise InvalidRecords(
                f"Record {row}: {message}", code=code, errors=[RowError(row, None, None, code, message)]
            )
        self._keep(RejectedRecord(row, code, message, raw))

    def _keep(self, rejected: RejectedRecord) -> None:
        self._rows_rejected += 1
        if self._on_reject is not None:
            self._on_reject(rejected)
        else:
            self._rejected.append(rejected)

    def _part_name(self) -> str:
        """The name alone while it may be the only part, `name (part 2)` otherwise, within 100 characters."""
        if not self._parts and not self._waiting and not self._reader.has_more:
            return self._name
        suffix = f" (part {len(self._parts) + 1})"
        fits = len(self._name) > MAX_NAME_CHARACTERS  # too long anyway: the server says so
        return (self._name if fits else self._name[: MAX_NAME_CHARACTERS - len(suffix)]) + suffix

    def _sent(self, sent_bytes: int) -> None:
        self._bytes_sent += sent_bytes
        self._progress()

    def _progress(self) -> None:
        if self._on_progress is None:
            return
        source = self._source
        self._on_progress(
            Progress(
                rows_read=self._reader.rows_read,
                rows_done=self._rows_accepted + self._rows_rejected,
                rows_rejected=self._rows_rejected,
                bytes_read=self._reader.bytes_read if source is None else source.bytes_read,
                bytes_total=None if source is None else source.bytes_total,
                bytes_sent=self._bytes_sent,
                parts=tuple(self._parts),
            )
        )


def is_too_many(error: MusterApiError) -> bool:
    """Whether the server's MAX_BATCH_SIZE is smaller than ours."""
    return "records_too_many" in {error.code, *(one.code for one in error.errors)}


def _too_large_here(decoded_bytes: int, wire_bytes: int, limits: BatchLimits) -> str:
    return (
        f"The record is too large for a request: {decoded_bytes} bytes ({wire_bytes} on the wire), "
        f"and the limits are {limits.max_decoded_bytes} and {limits.max_wire_bytes}."
    )


def _translated(error: InvalidRequest, batch: Batch) -> InvalidRecords:
    """The server's row errors, by the caller's own numbers instead of the batch's."""
    errors = [replace(one, row=None if one.row is None else batch.rows[one.row]) for one in error.errors]
    first = next(one for one in errors if one.row is not None)
    more = f" ({error.errors_total} problems in all)" if error.errors_total > 1 else ""
    return InvalidRecords(
        f"Record {first.row}: {first.message}{more}",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        errors=errors,
        errors_total=error.errors_total,
    )
