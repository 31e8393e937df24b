"""From figures of the segments benchmark to targets and text. Pure."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from load import percentile
from report import Target
from segment_stages import Figures

_PREVIEW_MS = {1_000_000: 100.0, 10_000_000: 500.0}
_KEPT_SECONDS = 2.0
_DEDUPE_RATIO = 1.5
_PROMISED_ROWS = 1_000_000


def targets(sizes: Sequence[Figures]) -> list[Target]:
    """The promises of README.md, "Targets of segments"; a size is judged by the next larger promise."""
    judged = []
    for figures in sizes:
        shown = f"{figures.rows / 1e6:g} M rows"
        limit = next((limit for rows, limit in _PREVIEW_MS.items() if figures.rows <= rows), 500.0)
        judged.append(
            Target(
                f"{shown}: preview of five conditions, median",
                median(figures.previews),
                limit,
                is_minimum=False,
                unit="ms",
            )
        )
        if figures.rows == _PROMISED_ROWS:
            kept = Target(
                f"{shown}: snapshot of all of them",
                figures.kept_rows,
                _KEPT_SECONDS,
                is_minimum=False,
                unit="s",
            )
            ratio = median(figures.dedupe) / median(figures.bare)
            dedupe = Target(
                f"{shown}: duplicates joined, the bare engine = 1",
                ratio,
                _DEDUPE_RATIO,
                is_minimum=False,
                unit="x",
            )
            judged += [kept, dedupe]
    return judged


def figures_text(figures: Figures) -> str:
    """One size."""
    return "\n".join(
        (
            f"\n{figures.rows:,} rows",
            f"  preview of five conditions {median(figures.previews):.0f} ms median, "
            f"{percentile(figures.previews, 95):.0f} ms p95 of {len(figures.previews)}",
            f"  snapshot: every row {figures.kept_rows:.2f} s, five conditions {figures.kept_asked:.2f} s, "
            f"people with joined fields {figures.kept_joined:.2f} s",
            f"  live segment after an edit {figures.refreshed * 1e3:.0f} ms; "
            f"100 members {median(figures.window):.0f} ms; overlap by row {figures.overlap * 1e3:.0f} ms",
            f"  duplicates joined {median(figures.dedupe) * 1e3:.0f} ms (again {median(figures.dedupe_again) * 1e3:.0f} ms), "
            f"bare engine {median(figures.bare) * 1e3:.0f} ms",
        )
    )


def rounded(value: Any) -> Any:
    """Numbers as they are worth reading."""
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {name: rounded(inner) for name, inner in value.items()}
        case list() | tuple():
            return [rounded(inner) for inner in value]
    return value
