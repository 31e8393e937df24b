"""How far an export is, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars

from muster.cli.output import note
from muster.cli.progress import left_text
from muster.client import Export

_LINE_SECONDS = 5.0
"""Between two lines about the same thing when there is no terminal."""


@contextmanager
def shown_export(name: str) -> Iterator[Callable[[Export], None]]:
    """Show an export until the block ends."""
    if not sys.stderr.isatty():
        yield _Lines(name).update
        return
    bars = Bars(
        TextColumn("{task.fields[name]}", markup=False),
        TextColumn("{task.fields[phase]}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        console=Console(file=sys.stderr),
    )
    with bars:
        task = bars.add_task("", name=name, phase="waiting", counts="", total=None)

        def update(export: Export) -> None:
            progress = export.progress
            bars.update(
                task,
                total=1 if export.is_over else None if progress is None else progress.total,
                completed=1 if export.is_over else 0 if progress is None else progress.done,
                phase=phase_text(export),
                counts=counts_text(export),
            )

        yield update


class _Lines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._told = time.monotonic()

    def update(self, export: Export) -> None:
        now = time.monotonic()
        if export.is_over or now - self._told < _LINE_SECONDS:
            return
        self._told = now
        note(f"{self._name}: {phase_text(export)}{share_text(export)}, {counts_text(export)}")


def phase_text(export: Export) -> str:
    return export.status if export.progress is None else export.progress.phase


def share_text(export: Export) -> str:
    """How much of the work at hand is done; nothing where that is not known."""
    progress = export.progress
    return "" if progress is None or not progress.total else f" {100 * progress.done // progress.total}%"


def counts_text(export: Export) -> str:
    """Rows so far, rare things only where there are any, the rate, the time left."""
    progress = export.progress
    done = progress.done if progress is not None and progress.unit == "rows" else export.rows or 0
    text = f"{done:,} rows"
    if export.left_out:
        text += f" · {export.left_out:,} left out"
    if export.failed:
        text += f" · {export.failed:,} failed"
    if progress is None:
        return text
    if progress.rows_per_second:
        text += f" · {progress.rows_per_second:,.0f} rows/s"
    return text + left_text(progress.seconds_left)
