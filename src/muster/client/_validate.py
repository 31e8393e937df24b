"""Records checked by the server, nothing stored: the same batches as an upload, another address."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ._batches import Batch, BatchReader, Envelope
from ._compress import for_the_wire
from ._connection import Connection
from ._encode import BadRecord
from ._errors import InvalidRequest, TooLarge
from ._model import BatchLimits, RowError, ValidationReport
from ._upload import is_too_many


def validate_records(
    connection: Connection, records: Iterable[object], *, name: str, limits: BatchLimits
) -> ValidationReport:
    """Ask about every record, batch by batch; `errors` carry the caller's own row numbers, in order."""
    errors: list[RowError] = []
    refused_here = 0

    def refuse(row: int, bad: BadRecord) -> None:
        nonlocal refused_here
        refused_here += 1
        errors.append(RowError(row, None, None, bad.code, bad.message))

    reader = BatchReader(records, on_bad=refuse)
    envelope = Envelope(fields=None)
    waiting: deque[Batch] = deque()
    rejected = 0
    while (
        batch := waiting.popleft()
        if waiting
        else reader.read(limits, overhead_bytes=envelope.overhead_bytes(name))
    ) is not None:
        body = envelope.around(batch.records, name=name, on_invalid="skip")
        try:
            said = _asked(connection, body, limits)
        except InvalidRequest as error:
            if not is_too_many(error):
                raise
            said = None
        except TooLarge as error:
            if len(batch.records) == 1:
                refuse(batch.rows[0], BadRecord("record_too_large", error.message, batch.records[0]))
                continue
            said = None
        if said is None:
            first, second = batch.halves()
            waiting.extendleft((second, first))
            limits = replace(limits, max_batch_records=len(first.records))
            continue
        rejected += said["rows_rejected"]
        errors.extend(
            replace(one, row=None if one.row is None else batch.rows[one.row])
            for one in map(RowError.from_wire, said.get("errors", ()))
        )
    rejected += refused_here
    return ValidationReport(
        rows_received=reader.rows_read,
        rows_accepted=reader.rows_read - rejected,
        rows_rejected=rejected,
        errors=tuple(sorted(errors, key=lambda one: -1 if one.row is None else one.row)),
    )


def _asked(connection: Connection, body: bytes, limits: BatchLimits) -> Mapping[str, Any]:
    wire = for_the_wire(body)
    if len(wire.content) > limits.max_wire_bytes or len(body) > limits.max_decoded_bytes:
        raise TooLarge("The record is too large for a request.", code="record_too_large")
    encoding = {"Content-Encoding": wire.content_encoding} if wire.content_encoding else {}
    return connection.json(
        "POST",
        "/api/audience/validate",
        content=wire.content,
        headers={"Content-Type": "application/json", **encoding},
    )
