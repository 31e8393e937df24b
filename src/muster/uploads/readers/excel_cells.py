"""Cells of a workbook to text, as a person reads them, without a digit lost or made up."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

Cell = int | float | str | bool | time | date | datetime | timedelta
"""What python-calamine gives; an empty cell, and one that shows an error such as `#N/A`, is the empty text."""

_MAX_WHOLE: Final = 2.0**53
_KINDS: Final = {bool: "boolean", int: "number", float: "number"}


def text_of(cell: Cell) -> str | None:
    """One cell: a whole number without `.0`, a date in ISO 8601, a duration as `26:30:00`; None when empty."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # Workbooks know no integers: telephone numbers and ids arrive as 12125550001.0.
        return str(int(cell)) if cell.is_integer() and abs(cell) < _MAX_WHOLE else repr(cell)
    if isinstance(cell, timedelta):
        return _duration(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell)


def _duration(value: timedelta) -> str:
    microseconds = value // timedelta(microseconds=1)
    sign = "-" if microseconds < 0 else ""
    seconds, fraction = divmod(abs(microseconds), 1_000_000)
    hours, rest = divmod(seconds, 3600)
    text = f"{sign}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{text}.{fraction:06d}" if fraction else text


def texts_of_column(cells: Sequence[Cell]) -> tuple[list[str | None], dict[str, int]]:
    """The texts of some cells of one column, and how many there are of each kind; dates count as text."""
    types = Counter(map(type, cells))
    if len(types) == 1 and str in types:
        texts: list[str | None] = [cell or None for cell in cells]  # type: ignore[misc]
    else:
        texts = list(map(text_of, cells))
    kinds: Counter[str] = Counter()
    for kind, count in types.items():
        kinds[_KINDS.get(kind, "text")] += count
    empty = texts.count(None)
    kinds["text"] -= empty
    kinds["null"] += empty
    return texts, dict(+kinds)


def header_guess(rows: Sequence[Sequence[Cell]]) -> tuple[int | None, float, str]:
    """Which of the first non-blank rows is the header, how sure, and why."""
    filled = [[cell for cell in row if cell != ""] for row in rows[:10]]
    widest = max(map(len, filled), default=0)
    for index, cells in enumerate(filled):
        if len(cells) * 2 < widest:
            continue  # a title above the table
        if not all(isinstance(cell, str) for cell in cells):
            return None, 0.7, "The first full row holds numbers or dates, which names of columns are not."
        if len(set(cells)) < len(cells):
            return index, 0.6, "The first full row is all text, but some of it is there twice."
        below = rows[index + 1 : index + 11]
        if any(cell != "" and not isinstance(cell, str) for row in below for cell in row):
            return index, 0.95, "The first full row is all text, and rows below it hold numbers or dates."
        return index, 0.8, "The first full row is all text."
    return None, 0.5, "No row looks like a header."
