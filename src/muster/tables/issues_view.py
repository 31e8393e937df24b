"""The issues of some rows: what rules found or fixed in them when the table was made."""

from collections.abc import Sequence

from muster.tables.layout import ISSUE_FIELDS, Layout
from muster.tables.reading import ReadingRoom, whole

MAX_ISSUES_A_ROW = 100

RowIssue = dict[str, str | None]


def issues_of(reading: ReadingRoom, shape: Layout, row_ids: Sequence[int]) -> dict[int, list[RowIssue]]:
    """By row id, only rows that have some: `field`, `code`, `severity`, `message`, `fixed` of each issue."""
    if shape.issues is None:
        return {}
    copy = whole(reading, shape.issues)
    known = copy.row_ids
    columns = [copy.table.column(name) for name in ISSUE_FIELDS]
    found = {}
    for row_id in row_ids:
        at = known.first_at(row_id)
        stop = min(known.first_at(row_id + 1), at + MAX_ISSUES_A_ROW)
        if at < stop:
            found[row_id] = [
                dict(zip(ISSUE_FIELDS, (column[position].as_py() for column in columns), strict=True))
                for position in range(at, stop)
            ]
    return found
