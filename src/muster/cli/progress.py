"""How far things are, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars

from muster.cli.output import note, size_text
from muster.client import Progress, SendingProgress, WorkProgress

_LINE_SECONDS = 5.0
"""Between two lines about the same thing when there is no terminal."""
_MB = 1_000_000


@contextmanager
def shown_progress(name: str, *, rows_total: int | None = None) -> Iterator[Callable[[Progress], None]]:
    """Show the progress of the upload of `name` in batches until the block ends.

    rows_total: how many records there are, when that is known; otherwise the bytes of the file count.
    """
    if not sys.stderr.isatty():
        yield _Lines(name, rows_total).update
        return
    bars = Bars(
        TextColumn("{task.fields[name]}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
    )
    with bars:
        yield _Bar(bars, bars.add_task("", name=name, counts="", total=None), rows_total).update


@contextmanager
def shown_sending(name: str) -> Iterator[Callable[[SendingProgress], None]]:
    """Show how the file `name` is sent until the block ends, and where an earlier run had come."""
    if not sys.stderr.isatty():
        yield _SendingLines(name).update
        return
    bars = Bars(
        TextColumn("{task.fields[name]}", markup=False),
        TextColumn("sending"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
    )
    with bars:
        yield _SendingBar(bars, name).update


@contextmanager
def shown_work(name: str) -> Iterator[Callable[[WorkProgress], None]]:
    """Show the work on an upload until the block ends."""
    if not sys.stderr.isatty():
        yield _WorkLines(name).update
        return
    bars = Bars(
        TextColumn("{task.fields[name]}", markup=False),
        TextColumn("{task.fields[phase]}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[counts]}"),
        console=Console(file=sys.stderr),
    )
    with bars:
        task = bars.add_task("", name=name, phase="waiting", counts="", total=None)

        def update(progress: WorkProgress) -> None:
            bars.update(
                task,
                total=progress.total,
                completed=progress.done,
                phase=progress.phase,
                counts=counts_text(progress),
            )

        yield update


class _Bar:
    def __init__(self, bars: Bars, task: TaskID, rows_total: int | None) -> None:
        self._bars = bars
        self._task = task
        self._rows_total = rows_total
        self._started = time.monotonic()

    def update(self, progress: Progress) -> None:
        seconds = max(time.monotonic() - self._started, 0.001)
        self._bars.update(
            self._task,
            total=self._rows_total or progress.bytes_total,
            completed=progress.rows_done if self._rows_total else done_bytes(progress),
            counts=f"{progress.rows_done:,} records · {progress.rows_done / seconds:,.0f}/s · "
            f"{size_text(progress.bytes_sent)} sent",
        )


class _Lines:
    def __init__(self, name: str, rows_total: int | None) -> None:
        self._name = name
        self._rows_total = rows_total
        self._parts = 0

    def update(self, progress: Progress) -> None:
        if len(progress.parts) > self._parts:
            self._parts = len(progress.parts)
            part = progress.parts[-1]
            again = " (had it already)" if part.replayed else ""
            total = self._rows_total or progress.bytes_total
            done = progress.rows_done if self._rows_total else done_bytes(progress)
            share = f" ({100 * done / total:.0f} %)" if total else ""
            note(f"{self._name}: {progress.rows_done:,} records done{share}; {part.upload_id}{again}")


class _SendingBar:
    """Its task begins where the sending does: what an earlier run sent must not count as speed."""

    def __init__(self, bars: Bars, name: str) -> None:
        self._bars = bars
        self._name = name
        self._task: TaskID | None = None

    def update(self, progress: SendingProgress) -> None:
        if self._task is None:
            tell_resumed(self._name, progress)
            self._task = self._bars.add_task(
                "", name=self._name, total=progress.bytes_total, completed=progress.resumed_bytes
            )
        self._bars.update(self._task, completed=progress.bytes_sent)


class _SendingLines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._started = self._told = time.monotonic()
        self._is_first = True

    def update(self, progress: SendingProgress) -> None:
        if self._is_first:
            tell_resumed(self._name, progress)
            self._is_first = False
        now = time.monotonic()
        if now - self._told < _LINE_SECONDS:
            return
        self._told = now
        rate = max(progress.bytes_sent - progress.resumed_bytes, 0) / max(now - self._started, 0.001)
        left = (progress.bytes_total - progress.bytes_sent) / rate if rate else None
        note(
            f"{self._name}: {size_text(progress.bytes_sent)} of {size_text(progress.bytes_total)} sent, "
            f"{rate / _MB:.1f} MB/s{left_text(left)}"
        )


class _WorkLines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._told = time.monotonic()

    def update(self, progress: WorkProgress) -> None:
        now = time.monotonic()
        if now - self._told < _LINE_SECONDS:
            return
        self._told = now
        share = f" {100 * progress.done / progress.total:.0f} %" if progress.total else ""
        note(f"{self._name}: {progress.phase}{share}, {counts_text(progress)}")


def tell_resumed(name: str, progress: SendingProgress) -> None:
    """Say that an earlier run began this."""
    if progress.resumed_bytes:
        note(
            f"{name}: going on where the last run stopped; {size_text(progress.resumed_bytes)} of "
            f"{size_text(progress.bytes_total)} are there."
        )


def counts_text(progress: WorkProgress) -> str:
    """Rows so far, their rate, the time left."""
    text = f"{progress.rows_accepted:,} accepted · {progress.rows_rejected:,} rejected"
    if progress.rows_per_second:
        text += f" · {progress.rows_per_second:,.0f} rows/s"
    return text + left_text(progress.seconds_left)


def done_bytes(progress: Progress) -> int:
    """The bytes of the input whose records are stored or rejected; reading runs ahead of storing."""
    if not progress.rows_read:
        return 0
    return progress.bytes_read * progress.rows_done // progress.rows_read


def left_text(seconds: float | None) -> str:
    """The time left behind other counts, or nothing where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f" · {minutes}:{rest:02d} left"
