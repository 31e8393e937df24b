"""Corrected rejects on their way back, in as many requests as they need."""

import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ._address import upload_path
from ._batches import Batch, BatchReader
from ._compress import for_the_wire
from ._connection import Connection, shaped
from ._encode import BadRecord
from ._errors import InvalidRecords, InvalidRequest, TooLarge
from ._model import MIB, BatchLimits, RowError
from ._table_model import Retried

_LIMITS = BatchLimits(max_batch_records=20_000, max_decoded_bytes=16 * MIB)
_HEAD, _TAIL = b'{"rows":[', b"]}"


def send_corrections(connection: Connection, upload_id: str, rows: Iterable[object]) -> Retried:
    """Send rows until all are there; the outcomes of all requests as one, the counts those after the last."""
    path = upload_path(upload_id, "/retry")
    reader = BatchReader(map(_numbered, rows), on_bad=_refuse)
    waiting: deque[Batch] = deque()
    done: Retried | None = None
    while (batch := waiting.popleft() if waiting else reader.read(_LIMITS, overhead_bytes=20)) is not None:
        try:
            said = _sent(connection, path, batch)
        except (TooLarge, InvalidRequest) as error:
            too_many = isinstance(error, TooLarge) or "rows_too_many" in {one.code for one in error.errors}
            if not too_many or len(batch.records) == 1:
                raise
            waiting.extendleft(reversed(batch.halves()))
            continue
        step = shaped(said, Retried)
        if done is not None:
            step = replace(
                step,
                accepted=done.accepted + step.accepted,
                failed=done.failed + step.failed,
                results=done.results + step.results,
            )
        done = step
    if done is None:
        raise InvalidRequest("There are no corrected rows to send.", code="rows_missing")
    return done


def _sent(connection: Connection, path: str, batch: Batch) -> Mapping[str, Any]:
    body = b"".join((_HEAD, b",".join(batch.records), _TAIL))
    wire = for_the_wire(body)
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    if wire.content_encoding:
        headers["Content-Encoding"] = wire.content_encoding
    return connection.json("POST", path, content=wire.content, headers=headers)


def _numbered(row: object) -> object:
    """A row of a CSV file, where the number is text like everything else."""
    if isinstance(row, Mapping) and isinstance(text := row.get("_row"), str) and text.strip().isdecimal():
        return {**row, "_row": int(text)}
    return row


def _refuse(row: int, bad: BadRecord) -> None:
    raise InvalidRecords(
        f"Row {row}: {bad.message}", code=bad.code, errors=[RowError(row, None, None, bad.code, bad.message)]
    )
