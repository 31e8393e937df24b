"""Cuts any number of records into batches that fit, reading no further ahead than one batch and one record."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from ._encode import BadRecord, encode_record
from ._model import BatchLimits

OnBad = Callable[[int, BadRecord], None]


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded records and each one's 0-based number in the input; never empty."""

    records: list[bytes]
    rows: list[int]

    def fits(self, limits: BatchLimits) -> bool:
        """Whether the records alone keep the limits on number and decoded bytes."""
        return (
            len(self.records) <= limits.max_batch_records
            and sum(map(len, self.records)) <= limits.max_decoded_bytes
        )

    def halves(self) -> tuple["Batch", "Batch"]:
        """Both halves; the first is never smaller. Only for batches of two records or more."""
        middle = (len(self.records) + 1) // 2
        return (
            Batch(self.records[:middle], self.rows[:middle]),
            Batch(self.records[middle:], self.rows[middle:]),
        )


class Envelope:
    """The body around a batch's records: `{"upload_name": ..., "on_invalid": ..., "records": [...]}`."""

    def __init__(self, *, fields: tuple[str, ...] | None) -> None:
        self._fields = b"" if fields is None else b'"fields":' + msgspec.json.encode(fields) + b","

    def overhead_bytes(self, name: str) -> int:
        return len(self.around([], name=name, on_invalid="reject"))

    def around(self, records: list[bytes], *, name: str, on_invalid: str) -> bytes:
        """The whole body. The small members come first, so that a server can refuse before the records."""
        head = b'{"upload_name":%b,"on_invalid":"%b",' % (msgspec.json.encode(name), on_invalid.encode())
        return b"".join((head, self._fields, b'"records":[', b",".join(records), b"]}"))


class BatchReader:
    """Reads batches from an iterable, lazily.

    on_bad is called with the number of each record that cannot be sent; when it returns, reading goes on
    without that record.
    """

    def __init__(self, records: Iterable[object], *, on_bad: OnBad) -> None:
        self._good = self._readable(records, on_bad)
        self._next: tuple[int, bytes] | None = None
        self._started = False
        self.rows_read = 0
        self.bytes_read = 0

    def _readable(self, records: Iterable[object], on_bad: OnBad) -> Iterator[tuple[int, bytes]]:
        for row, record in enumerate(records):
            self.rows_read = row + 1
            encoded = encode_record(record)
            if isinstance(encoded, BadRecord):
                on_bad(row, encoded)
            else:
                self.bytes_read += len(encoded)
                yield row, encoded

    @property
    def has_more(self) -> bool:
        """Whether another batch follows; reads one record ahead to know."""
        if not self._started:
            self._started = True
            self._next = next(self._good, None)
        return self._next is not None

    def read(self, limits: BatchLimits, *, overhead_bytes: int) -> Batch | None:
        """The next batch, of at least one record, or None at the end.

        A batch stays under `max_batch_records` and `max_decoded_bytes`; only a single record that is too
        large on its own goes over. Wire bytes are known after compression and are the sender's to check.
        """
        if not self.has_more:
            return None
        batch = Batch([], [])
        size_bytes = overhead_bytes
        while self._next is not None:
            row, record = self._next
            size_bytes += len(record) + 1  # the comma
            full = len(batch.records) >= limits.max_batch_records or size_bytes > limits.max_decoded_bytes
            if full and batch.records:
                break
            batch.records.append(record)
            batch.rows.append(row)
            self._next = next(self._good, None)
        return batch
