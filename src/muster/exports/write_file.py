"""The file of an export: its parts, written portion by portion, or the whole of it from prepared rows.

CSV and NDJSON are lines, so each portion of the source becomes a part and a cut-off export goes on behind the last
one. Other formats, and everything that is compared with an earlier export first, come from rows that were prepared
portion by portion and are then written in one go; that step is repeated from its start.
"""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import pyarrow as pa

from muster.exports.feed import Fed, Feed
from muster.exports.model import Counts, Definition, Export
from muster.exports.opened import OpenExport
from muster.exports.outcomes import OutcomeRows, keep_outcomes
from muster.exports.prepare import Prepared
from muster.exports.render import PIECED, head, lines, whole
from muster.exports.room import ExportsRoom
from muster.exports.tally import Portion
from muster.exports.work import part_key, rows_key, write_rows
from muster.jobs.kinds import StepContext
from muster.jobs.model import Json, Progress

_PORTION_ROWS: Final = 1024 * 1024
_PORTION_CELLS: Final = 8_000_000
_PORTION_SECONDS: Final = 20.0
_TEXT: Final = pa.large_string()


def is_pieced(definition: Definition) -> bool:
    """Whether portions of the source become parts of the file at once."""
    return definition.format in PIECED and not definition.since_last


class PiecedFile:
    """The portions of one run of a job; the feed stays open between steps. `close` when done."""

    def __init__(self, room: ExportsRoom, opened: OpenExport, total: int) -> None:
        self._room = room
        self._opened = opened
        self._total = total
        self._feed: Feed[bytes] | None = None

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()
            self._feed = None

    def portion(self, number: int, counts: Counts, context: StepContext) -> Json:
        """Write part `number` of the file and what there is to tell of its rows; counts: of the portions before."""
        feed = self._feed_at(counts)
        self._feed = None  # until it is written there is no going on from here
        try:
            portion, told = Portion(), OutcomeRows()
            more = [True]
            pieces = self._pieces(number, feed, counts, portion, told, more, context)
            portion.size_bytes = self._room.objects.put(part_key(self._opened.export.id, number), pieces)
            portion.part = keep_outcomes(self._room.objects, self._opened.export.id, number, told)
        except BaseException:
            feed.close()
            raise
        self._feed = feed
        return portion.note(more=more[0])

    def _feed_at(self, counts: Counts) -> "Feed[bytes]":
        if self._feed is None or self._feed.place != counts.place:
            self.close()
            definition = self._opened.export.definition
            assert definition.format is not None  # noqa: S101 - it takes files
            render = partial(_rendered, definition)
            self._feed = Feed(
                self._opened.rows, self._opened.preparer, render, after=counts.place, position=counts.seen
            )
        return self._feed

    def _pieces(
        self,
        number: int,
        feed: "Feed[bytes]",
        counts: Counts,
        portion: Portion,
        told: OutcomeRows,
        more: list[bool],
        context: StepContext,
    ) -> Iterator[bytes]:
        definition = self._opened.export.definition
        if number == 0 and definition.format is not None:
            yield head(definition.format, self._opened.preparer.schema, definition.options)
        most, until = portion_rows(definition), time.monotonic() + _PORTION_SECONDS

        def report() -> None:
            seen = counts.seen + portion.seen
            left_out = counts.left_out_rows + portion.left_out.total()
            context.report(
                Progress("writing", seen, self._total, "rows", counts.written + portion.written, left_out)
            )

        while portion.seen < most and time.monotonic() < until:
            fed = feed.next(report)
            if fed is None:
                more[0] = False
                return
            take(fed, portion, told)
            portion.written += fed.prepared.rows.num_rows
            report()
            if fed.made:
                yield fed.made


def take(fed: "Fed[Any]", portion: Portion, told: OutcomeRows) -> None:
    """Count what a batch became, and keep what is to be told of its rows."""
    portion.take(fed.prepared, fed.seen, fed.place)
    told.extend(fed.prepared.outcomes)


def portion_rows(definition: Definition) -> int:
    """How many rows of the source one portion has, at most and about."""
    return max(1, min(_PORTION_ROWS, _PORTION_CELLS // max(1, len(definition.columns))))


def stage_schema(definition: Definition) -> pa.Schema:
    """Of prepared rows that are kept for later: names outside may be anything, so columns are numbered."""
    own = [(f"c{at}", _TEXT) for at in range(len(definition.output_names))]
    keys = [("key", pa.string()), ("digest", pa.string())] if definition.since_last else []
    return pa.schema(
        [("position", pa.int64()), ("upload_id", pa.string()), ("row_id", pa.int64()), *keys, *own]
    )


class StagedRows:
    """Prepares rows portion by portion and keeps them for the steps behind. `close` when done."""

    def __init__(self, room: ExportsRoom, opened: OpenExport, total: int) -> None:
        self._room = room
        self._opened = opened
        self._total = total
        self._feed: Feed[pa.RecordBatch] | None = None

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()
            self._feed = None

    def portion(self, number: int, counts: Counts, context: StepContext) -> Json:
        """Keep the prepared rows of one portion; counts: of the portions before. They are not `written` yet."""
        feed = self._feed_at(counts)
        self._feed = None
        definition = self._opened.export.definition
        try:
            portion, told, more = Portion(), OutcomeRows(), [True]
            batches = self._batches(feed, counts, portion, told, more, context)
            write_rows(
                self._room, rows_key(self._opened.export.id, number), stage_schema(definition), batches
            )
            portion.part = keep_outcomes(self._room.objects, self._opened.export.id, number, told)
        except BaseException:
            feed.close()
            raise
        self._feed = feed
        return portion.note(more=more[0])

    def _feed_at(self, counts: Counts) -> "Feed[pa.RecordBatch]":
        if self._feed is None or self._feed.place != counts.place:
            self.close()
            stage = partial(_staged, self._opened)
            self._feed = Feed(
                self._opened.rows, self._opened.preparer, stage, after=counts.place, position=counts.seen
            )
        return self._feed

    def _batches(
        self,
        feed: "Feed[pa.RecordBatch]",
        counts: Counts,
        portion: Portion,
        told: OutcomeRows,
        more: list[bool],
        context: StepContext,
    ) -> Iterator[pa.RecordBatch]:
        def report() -> None:
            left_out = counts.left_out_rows + portion.left_out.total()
            context.report(
                Progress("preparing", counts.seen + portion.seen, self._total, "rows", 0, left_out)
            )

        most = portion_rows(self._opened.export.definition)
        while portion.seen < most:
            fed = feed.next(report)
            if fed is None:
                more[0] = False
                return
            take(fed, portion, told)
            report()
            yield fed.made


def write_whole(
    room: ExportsRoom,
    export: Export,
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    rows: int,
    context: StepContext,
) -> Json:
    """The file in one go; returns its size. Raises PayloadTooLarge for what the format cannot hold."""
    definition = export.definition
    assert definition.format is not None  # noqa: S101 - it takes files
    done = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal done
        for batch in batches:
            yield batch
            done += batch.num_rows
            context.report(Progress("writing", done, rows, "rows", done))

    pieces = whole(definition.format, schema, counted(), rows, definition.options)
    return {"size_bytes": room.objects.put(part_key(export.id, 0), pieces)}


def _rendered(definition: Definition, prepared: Prepared) -> bytes:
    assert definition.format is not None  # noqa: S101 - it takes files
    return lines(definition.format, prepared.rows, definition.options) if prepared.rows.num_rows else b""


def _staged(opened: OpenExport, prepared: Prepared) -> pa.RecordBatch:
    definition = opened.export.definition
    schema = stage_schema(definition)
    columns = [prepared.positions, prepared.upload_ids.cast(pa.string()), prepared.row_ids]
    if definition.since_last:
        columns.append(pa.array(opened.preparer.keys(prepared.rows), pa.string()))
        columns.append(pa.array(opened.preparer.digests(prepared.rows), pa.string()))
    return pa.RecordBatch.from_arrays([*columns, *prepared.rows.columns], schema=schema)
