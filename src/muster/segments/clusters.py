"""Pairs that are held for the same → groups of rows, where nobody said that two of them are different; pure."""

from collections.abc import Iterable

Row = tuple[int, int]
"""Position of the upload, row id."""


def clusters(
    pairs: Iterable[tuple[Row, Row]], same: Iterable[tuple[Row, Row]], different: Iterable[tuple[Row, Row]]
) -> list[list[Row]]:
    """Groups of at least two rows, each sorted, in the order of their first rows.

    pairs: the surest first. same: settled by hand, before all others. different: these are never in one group: a
    pair that would bring them together is left out.
    """
    group: dict[Row, int] = {}
    rows_of: dict[int, list[Row]] = {}
    apart: dict[Row, set[Row]] = {}
    for one, other in different:
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)

    def own(row: Row) -> int:
        if row not in group:
            group[row] = len(group)
            rows_of[group[row]] = [row]
        return group[row]

    for settled, found in ((True, same), (False, pairs)):
        for one, other in found:
            a, b = own(one), own(other)
            if a == b or (not settled and _are_apart(rows_of[a], rows_of[b], apart)):
                continue
            if len(rows_of[a]) < len(rows_of[b]):
                a, b = b, a
            for row in rows_of[b]:
                group[row] = a
            rows_of[a] += rows_of.pop(b)
    return sorted(sorted(rows) for rows in rows_of.values() if len(rows) > 1)


def _are_apart(one: list[Row], other: list[Row], apart: dict[Row, set[Row]]) -> bool:
    if not apart:
        return False
    few, many = (one, other) if len(one) < len(other) else (other, one)
    return any(not apart[row].isdisjoint(many) for row in few if row in apart)
