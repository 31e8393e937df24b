"""How far an upload is, on stderr: a bar on a terminal, one line a stored batch elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from muster.cli.output import note, size_text
from muster.client import Progress


@contextmanager
def shown_progress(name: str, *, rows_total: int | None = None) -> Iterator[Callable[[Progress], None]]:
    """Show the progress of the upload of `name` until the block ends.

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


def done_bytes(progress: Progress) -> int:
    """The bytes of the input whose records are stored or rejected; reading runs ahead of storing."""
    if not progress.rows_read:
        return 0
    return progress.bytes_read * progress.rows_done // progress.rows_read
