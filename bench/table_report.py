"""From figures of the table benchmark to targets, text and the results file. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from report import Target
from table_plan import WINDOW_LIMITS, Plan, WindowLimits
from table_stages import FormatFigure, LoadFigure, TableFigures
from table_windows import WindowFigures, medians

_LEAST_RATIO = 0.5
_RATIO_ROWS = 10_000_000
_MOST_MEMORY_GB = 2.0
_PROFILE_SECONDS = 1.5
_BATCH_SECONDS = 1.0
_KINDS = {
    "unfiltered": "window, unfiltered, any offset",
    "filtered": "first window of a new filter",
    "sorted": "first window of a new full sort",
    "later": "later windows of a filter or sort",
}


def targets(plan: Plan, figures: TableFigures) -> list[Target]:
    """The promises of README.md, "Targets of tables", in its order; what was not measured is not met."""
    loads = {figure.rows: figure for figure in figures.loads}
    windows = {figure.rows: figure for figure in figures.windows}
    judged = []
    for load in plan.loads:
        judged += _load_targets(load.rows, loads.get(load.rows))
        judged += _window_targets(load.rows, windows.get(load.rows))
    profile = figures.profile
    judged.append(
        Target(
            f"profile of 14 columns x {_count(plan.profile_rows)} rows",
            median(profile.seconds) if profile else None,
            _PROFILE_SECONDS,
            is_minimum=False,
            unit="s",
        )
    )
    judged.append(
        Target(
            f"batch of {_count(plan.batch_rows)} records: POST to table",
            median(figures.batch_seconds) if figures.batch_seconds else None,
            _BATCH_SECONDS,
            is_minimum=False,
            unit="s",
        )
    )
    return judged


def _load_targets(rows: int, figure: LoadFigure | None) -> list[Target]:
    memory = Target(
        f"{_count(rows)} rows CSV to table: peak memory, all processes",
        figure.peak_bytes / 1e9 if figure else None,
        _MOST_MEMORY_GB,
        is_minimum=False,
        unit="GB",
    )
    if rows < _RATIO_ROWS:  # printed; but what is the same for every file, large or small, weighs in it
        return [memory]
    speed = Target(
        f"{_count(rows)} rows CSV to table: speed, bare engine = 1",
        figure.ratio if figure else None,
        _LEAST_RATIO,
        is_minimum=True,
        unit="x",
    )
    return [speed, memory]


def _window_targets(rows: int, figure: WindowFigures | None) -> list[Target]:
    limits = limits_for(rows)
    series = figure.series() if figure else {}
    return [
        Target(
            f"{_count(rows)} rows: {shown}",
            median(series[kind]) if series.get(kind) else None,
            getattr(limits, kind),
            is_minimum=False,
            unit="ms",
        )
        for kind, shown in _KINDS.items()
    ]


def limits_for(rows: int) -> WindowLimits:
    """The limits of the smallest promised size that is not smaller; of the largest for larger ones."""
    return next((limits for limits in WINDOW_LIMITS if limits.rows >= rows), WINDOW_LIMITS[-1])


def load_text(figure: LoadFigure, windows: WindowFigures) -> str:
    """One size: turns, phases, memory, windows."""
    lines = [
        f"\n{_count(figure.rows)} rows CSV, {figure.size_bytes / 1e6:,.0f} MB, {figure.planted} broken rows planted"
    ]
    for number, (bare, muster) in enumerate(zip(figure.bare, figure.muster, strict=True), 1):
        built = muster.built
        phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in built.phases.items())
        peaks = ", ".join(f"{role} {size / 1e6:.0f}" for role, size in muster.peaks.items())
        lines += [
            f"  turn {number}: bare engine {bare.seconds:.2f} s, {bare.peak_bytes / 1e6:.0f} MB",
            f"          Muster upload {built.upload_seconds:.2f} s, then table in {built.seconds:.2f} s ({phases}); "
            f"{built.rejected} rejected",
            f"          Muster memory: {peaks}; at once {muster.total_bytes / 1e6:.0f} MB",
        ]
    lines += [
        f"  speed, bare engine = 1: {figure.ratio:.2f}",
        f"  first window of the new table {windows.opened_ms:.0f} ms; hot copy after {windows.hot_copy_seconds:.1f} s",
    ]
    for name, seen in medians(windows.series()).items():
        lines.append(
            f"  windows, {name:<12}{seen['median_ms']:>9.1f} ms median{seen['p95_ms']:>9.1f} ms p95 "
            f"of {seen['windows']:.0f}"
        )
    return "\n".join(lines)


def summary_text(figures: TableFigures, judged: Sequence[Target]) -> str:
    """Profile, batches, formats, peers and the table of targets."""
    lines = []
    if figures.profile:
        shown = ", ".join(f"{seconds:.2f}" for seconds in figures.profile.seconds)
        lines.append(f"\nProfile of {figures.profile.columns} columns: {shown} s")
    if figures.batch_seconds:
        shown = ", ".join(f"{seconds:.2f}" for seconds in figures.batch_seconds)
        lines.append(f"Batches, POST to table: {shown} s")
    if figures.formats:
        lines.append("\nOther formats                rows      MB   rejected   seconds     rows/s   peak MB")
        lines += [_format_text(figure) for figure in figures.formats]
    if figures.peers:
        lines.append("\nOther tools, clean CSV       rows   seconds     rows/s   peak MB")
    for peer in figures.peers:
        lines.append(
            f"  {peer.peer:<20}{peer.rows:>11,}{peer.seconds:>10.2f}{peer.rows / peer.seconds:>11,.0f}"
            f"{peer.peak_bytes / 1e6:>10.0f}"
        )
        lines += [f"    {fate}" for fate in peer.fates]
    return "\n".join([*lines, targets_text(judged)])


def targets_text(judged: Sequence[Target]) -> str:
    """A line for each target."""
    lines = ["", f"{'Target':<66}{'measured':>12}{'limit':>12}"]
    for target in judged:
        value = "not measured" if target.value is None else f"{target.value:.2f} {target.unit}"
        limit = f"{'>=' if target.is_minimum else '<='} {target.limit:g} {target.unit}"
        lines.append(f"  {target.name:<64}{value:>12}{limit:>12}   {'pass' if target.is_met else 'FAIL'}")
    return "\n".join(lines)


def _format_text(figure: FormatFigure) -> str:
    return (
        f"  {figure.name:<22}{figure.rows:>11,}{figure.size_bytes / 1e6:>8.0f}{figure.rejected:>11,}"
        f"{figure.seconds:>10.2f}{figure.rows / figure.seconds:>11,.0f}{figure.peak_bytes / 1e6:>10.0f}"
    )


def results(
    plan: Plan, figures: TableFigures, judged: Sequence[Target], *, date: str, machine: Mapping[str, object]
) -> dict[str, object]:
    """The results file: figures of every turn, medians, ratios, targets."""
    return {
        "benchmark": "table",
        "mode": plan.name,
        "date": date,
        "machine": machine,
        "targets": [
            {
                "name": target.name,
                "value": _rounded(target.value),
                "limit": target.limit,
                "kind": "at least" if target.is_minimum else "at most",
                "unit": target.unit,
                "met": target.is_met,
            }
            for target in judged
        ],
        "loads": [_load_json(figure) for figure in figures.loads],
        "windows": [
            {
                "rows": figure.rows,
                "opened_ms": _rounded(figure.opened_ms),
                "hot_copy_seconds": _rounded(figure.hot_copy_seconds),
                **_rounded(medians(figure.series())),
            }
            for figure in figures.windows
        ],
        "profile": _rounded(asdict(figures.profile)) if figures.profile else None,
        "batch_seconds": _rounded(figures.batch_seconds),
        "formats": [
            _rounded(asdict(figure) | {"rows_per_second": figure.rows / figure.seconds})
            for figure in figures.formats
        ],
        "peers": [_rounded(asdict(figure)) for figure in figures.peers],
    }


def _load_json(figure: LoadFigure) -> dict[str, Any]:
    return _rounded(
        {
            "rows": figure.rows,
            "size_bytes": figure.size_bytes,
            "planted": figure.planted,
            "ratio": figure.ratio,
            "bare": [asdict(turn) for turn in figure.bare],
            "muster": [
                {
                    "upload_seconds": turn.built.upload_seconds,
                    "seconds": turn.built.seconds,
                    "phases": turn.built.phases,
                    "rejected": turn.built.rejected,
                    "peaks": turn.peaks,
                    "total_bytes": turn.total_bytes,
                }
                for turn in figure.muster
            ],
        }
    )


def _count(rows: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if rows >= size and rows % size == 0:
            return f"{rows // size} {letter}"
    return str(rows)


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 3)
        case dict():
            return {name: _rounded(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_rounded(inner) for inner in value]
    return value
