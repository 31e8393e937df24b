"""The rows of an export on their way to a destination, portion by portion, each row's failure kept.

A portion ends after about a second, so that a crash repeats little: what was delivered since the last one that was
noted comes again, under the same batch ids.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from muster.exports.changes import read_changes
from muster.exports.deliver import batch_id, deliver
from muster.exports.destination import Batch, Refusal
from muster.exports.feed import Feed
from muster.exports.leaving import Leaving
from muster.exports.model import Counts, Outcome
from muster.exports.opened import OpenExport
from muster.exports.outcomes import OutcomeRows, RowOutcome, keep_outcomes, shortened
from muster.exports.prepare import Prepared
from muster.exports.room import ExportsRoom
from muster.exports.tally import Portion
from muster.exports.write_file import take
from muster.jobs.kinds import StepContext
from muster.jobs.model import Json, Progress

_PORTION_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.25


class _Delivering:
    """What both ways to a destination share; remembers what the portion at hand delivered, should it be tried again."""

    def __init__(self, room: ExportsRoom, opened: OpenExport) -> None:
        self.room = room
        self.opened = opened
        self._known: dict[str, dict[int, Refusal]] = {}

    def hand_over(
        self, leaving: Leaving, first: int, portion: Portion, told: OutcomeRows, report: "Report"
    ) -> None:
        """Deliver one batch. first: what names it; raises what `deliver` raises."""
        name = batch_id(self.opened.export.id, leaving.operation, first)
        refused = self._known.get(name)
        if refused is None:
            call = replace(self.opened.call, is_stopping=report.is_stopping)
            batch = Batch(name, leaving.operation, leaving.rows)
            refused = self._known[name] = deliver(self.opened.row_destination, batch, call, report.wait)
        portion.written += leaving.rows.num_rows - len(refused)
        for row, refusal in sorted(refused.items()):
            refusal = Refusal(refusal.code, shortened(refusal.message))  # noqa: PLW2901
            portion.refuse(refusal)
            told.add(self._failed(leaving, row, refusal))
        report()

    def end(self, number: int, portion: Portion, told: OutcomeRows, *, more: bool) -> Json:
        portion.part = keep_outcomes(self.room.objects, self.opened.export.id, number, told)
        self._known = {}
        return portion.note(more=more)

    def _failed(self, leaving: Leaving, row: int, refusal: Refusal) -> RowOutcome:
        if leaving.digests is not None:
            digest = leaving.digests[row]
        else:
            (digest,) = self.opened.preparer.digests(leaving.rows.slice(row, 1))
        return RowOutcome(
            leaving.positions[row],
            leaving.upload_ids[row],
            leaving.row_ids[row],
            Outcome.FAILED,
            refusal.code,
            refusal.message,
            change=None if leaving.changes is None else leaving.changes[row],
            digest=digest,
            key=None if leaving.keys is None else leaving.keys[row],
        )


class Report:
    """Tells how far a portion is, and hears when the job is to stop."""

    def __init__(self, context: StepContext, counts: Counts, portion: Portion, total: int) -> None:
        self._context = context
        self._counts = counts
        self._portion = portion
        self._total = total
        self._stopped: BaseException | None = None

    def __call__(self) -> None:
        """Raises JobCancelled and what ends a run."""
        if self._stopped is not None:
            raise self._stopped
        counts, portion = self._counts, self._portion
        gone = sum(portion.failures.values()) + portion.left_out.total()
        written = counts.written + portion.written
        kept_back = counts.failed + counts.left_out_rows + gone
        self._context.report(
            Progress("delivering", written + kept_back, self._total, "rows", written, kept_back)
        )

    def is_stopping(self) -> bool:
        """For whoever waits for a destination; what stopped it is raised by the next report."""
        try:
            self()
        except BaseException as stopped:  # noqa: BLE001 - kept, and raised again by the next report
            self._stopped = stopped
            return True
        return False

    def wait(self, seconds: float) -> None:
        """Rest, but not for someone who wants the job to stop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self()
            time.sleep(min(left, _LOOK_SECONDS))


class DeliveredSource:
    """Delivers a source as it is read. `close` when done."""

    def __init__(self, room: ExportsRoom, opened: OpenExport, total: int) -> None:
        self._delivering = _Delivering(room, opened)
        self._opened = opened
        self._total = total
        self._feed: Feed[Leaving] | None = None

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()
            self._feed = None

    def portion(self, number: int, counts: Counts, context: StepContext) -> Json:
        """Deliver about a second's worth of rows; counts: of the portions before."""
        feed, self._feed = self._feed_at(counts), None
        portion, told = Portion(), OutcomeRows()
        report = Report(context, counts, portion, self._total)
        until, more = time.monotonic() + _PORTION_SECONDS, True
        try:
            while time.monotonic() < until or not portion.seen:
                first = feed.position
                fed = feed.next(report)
                if fed is None:
                    more = False
                    break
                if fed.made.rows.num_rows:
                    self._delivering.hand_over(fed.made, first, portion, told, report)
                take(fed, portion, told)
            note = self._delivering.end(number, portion, told, more=more)
        except BaseException:
            feed.close()
            raise
        self._feed = feed
        return note

    def _feed_at(self, counts: Counts) -> "Feed[Leaving]":
        if self._feed is None or self._feed.place != counts.place:
            self.close()
            opened = self._opened
            self._feed = Feed(
                opened.rows,
                opened.preparer,
                _leaving,
                after=counts.place,
                position=counts.seen,
                at_once=opened.row_destination.batch_rows(opened.call),
            )
        return self._feed


class DeliveredChanges:
    """Delivers what is different since the last export."""

    def __init__(self, room: ExportsRoom, opened: OpenExport, total: int) -> None:
        self._delivering = _Delivering(room, opened)
        self._opened = opened
        self._total = total

    def portion(self, number: int, offset: int, counts: Counts, context: StepContext) -> Json:
        """Deliver about a second's worth from the changed row `offset` on; the note says where the next one begins."""
        portion, told = Portion(), OutcomeRows()
        report = Report(context, counts, portion, self._total)
        until, more, at = time.monotonic() + _PORTION_SECONDS, False, offset
        for leaving in self._slices(offset):
            if at > offset and time.monotonic() >= until:
                more = True
                break
            self._delivering.hand_over(leaving, at, portion, told, report)
            at += leaving.rows.num_rows
        return {**self._delivering.end(number, portion, told, more=more), "offset": at}

    def _slices(self, offset: int) -> Iterator[Leaving]:
        opened = self._opened
        at_once = opened.row_destination.batch_rows(opened.call)
        for leaving in read_changes(self._delivering.room, opened.export, offset):
            for start in range(0, leaving.rows.num_rows, at_once):
                yield leaving.slice(start, min(at_once, leaving.rows.num_rows - start))


def _leaving(prepared: Prepared) -> Leaving:
    return Leaving(
        prepared.rows,
        prepared.positions.to_pylist(),
        prepared.upload_ids.to_pylist(),
        prepared.row_ids.to_pylist(),
    )
