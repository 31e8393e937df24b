"""How far a run of enrichment is, on stderr: a bar for each provider on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars

from muster.cli.output import amount_text, note
from muster.cli.progress import left_text
from muster.client import EnrichmentCounts, EnrichmentRun

_LINE_SECONDS = 5.0
"""Between two lines about the same thing when there is no terminal."""


@contextmanager
def shown_run(name: str) -> Iterator[Callable[[EnrichmentRun], None]]:
    """Show a run until the block ends."""
    if not sys.stderr.isatty():
        yield _RunLines(name).update
        return
    bars = Bars(
        TextColumn("{task.fields[name]}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[share]:>4}", markup=False),
        TextColumn("{task.fields[counts]}", markup=False),
        console=Console(file=sys.stderr),
    )
    with bars:
        yield _RunBars(bars, name).update


class _RunBars:
    """A bar for each provider, made when the run is first seen, and one line for the whole."""

    def __init__(self, bars: Bars, name: str) -> None:
        self._bars = bars
        self._steps = [bars.add_task("", name=name, share="", counts="waiting", total=None)]

    def update(self, run: EnrichmentRun) -> None:
        while len(self._steps) <= len(run.providers):
            self._steps.append(self._bars.add_task("", name="", share="", counts="", total=1))
        for task, step in zip(self._steps, run.providers, strict=False):
            counts = step.counts
            self._bars.update(
                task,
                name=step.title,
                total=counts.inputs or 1,
                completed=counts.done,
                share=share_text(counts),
                counts=counts_text(counts) if counts.inputs else "",
            )
        begun = sum(1 for step in run.providers if step.counts.inputs)
        total = len(run.providers)
        self._bars.update(
            self._steps[-1],
            name=_phase(run),
            total=total,
            completed=total if run.is_over else max(begun - 1, 0),
            counts=whole_text(run),
        )


class _RunLines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._told = time.monotonic()

    def update(self, run: EnrichmentRun) -> None:
        now = time.monotonic()
        if run.is_over or now - self._told < _LINE_SECONDS:
            return
        self._told = now
        at = _phase(run)
        # Of the same provider asked twice, the one that is at work.
        step = next(
            (one for one in reversed(run.providers) if one.provider == at and one.counts.inputs), None
        )
        if step is not None:
            at = f"{step.title} {share_text(step.counts)}, {counts_text(step.counts)}"
        note(f"{self._name}: {at} · {whole_text(run)}")


def _phase(run: EnrichmentRun) -> str:
    return run.status if run.progress is None else run.progress.phase


def share_text(counts: EnrichmentCounts) -> str:
    """How much of the questions is dealt with; nothing before they are counted."""
    return f"{100 * counts.done // counts.inputs}%" if counts.inputs else ""


def counts_text(counts: EnrichmentCounts) -> str:
    """What became of the questions so far; rare things only where there are any."""
    parts = [f"{counts.found:,} found", f"{counts.empty:,} empty"]
    rare = {"skipped": counts.skipped, "failed": counts.failed, "cached": counts.cached, "left": counts.left}
    parts += [f"{number:,} {name}" for name, number in rare.items() if number]
    if counts.cost:
        parts.append(f"cost {amount_text(counts.cost)}")
    return " · ".join(parts)


def whole_text(run: EnrichmentRun) -> str:
    """What holds for all providers together: cost, rate, time left."""
    text = f"cost {amount_text(run.cost)}"
    if run.budget is not None:
        text += f" of {amount_text(run.budget)}"
    if run.progress is None:
        return text
    if run.progress.rows_per_second:
        text += f" · {run.progress.rows_per_second:,.0f} rows/s"
    return text + left_text(run.progress.seconds_left)
