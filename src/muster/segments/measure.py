"""How right a match is: precision and recall at every threshold, on pairs whose truth is known; pure."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from muster.segments.match_model import Compare, CompareKind, CurvePoint

THRESHOLDS: Final = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
MAX_PLANTED: Final = 2_000
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

Values = tuple[str | None, ...]


def curve(
    truths: Sequence[tuple[float, bool]], missed: int, probabilities: Sequence[float]
) -> tuple[CurvePoint, ...]:
    """One point for each of THRESHOLDS.

    truths: probability of each known pair that was looked at, and whether it is the same person. missed: known pairs of
    the same person that no blocking rule brought together. probabilities: of all pairs found, to be counted.
    """
    return tuple(point(truths, missed, probabilities, threshold) for threshold in THRESHOLDS)


def point(
    truths: Sequence[tuple[float, bool]], missed: int, probabilities: Sequence[float], threshold: float
) -> CurvePoint:
    """What one threshold would do."""
    right = sum(is_same for probability, is_same in truths if probability >= threshold)
    wrong = sum(not is_same for probability, is_same in truths if probability >= threshold)
    same = missed + sum(is_same for _, is_same in truths)
    return CurvePoint(
        threshold,
        round(right / (right + wrong), 6) if right + wrong else None,
        round(right / same, 6) if same else None,
        sum(probability >= threshold for probability in probabilities),
    )


def planted(
    rows: Sequence[Values], compare: Sequence[Compare], source: random.Random
) -> list[tuple[int, Values]]:
    """Copies of some rows with the mistakes people make, each with the number of its row; the same for the same seed.

    At most every tenth row and MAX_PLANTED of them; rows with fewer than two filled values have none.
    """
    usable = [at for at, row in enumerate(rows) if sum(value is not None for value in row) >= 2]
    chosen = source.sample(usable, min(len(usable), MAX_PLANTED, max(50, len(rows) // 10)))
    return [(at, _mistaken(rows[at], compare, source)) for at in sorted(chosen)]


def _mistaken(row: Values, compare: Sequence[Compare], source: random.Random) -> Values:
    """One value or two with a mistake; now and then one is left out."""
    filled = [at for at, value in enumerate(row) if value is not None]
    changed = list(row)
    for at in source.sample(filled, min(len(filled) - 1, source.choice((1, 1, 2)))):
        changed[at] = _changed(row[at] or "", compare[at].kind, source)
    return tuple(changed)


def _changed(value: str, kind: CompareKind, source: random.Random) -> str | None:
    if source.random() < 0.15:
        return None
    words = value.split()
    if kind is CompareKind.NAME and len(words) > 1 and source.random() < 0.4:
        return " ".join(reversed(words)) if source.random() < 0.3 else " ".join([words[0][:1], *words[1:]])
    if kind is CompareKind.EMAIL and "@" in value and source.random() < 0.3:
        return f"{value.partition('@')[0]}@example.com"
    return _typo(value, source)


def _typo(value: str, source: random.Random) -> str:
    """A letter wrong, missing, doubled, or in the place of its neighbour."""
    if len(value) < 2:
        return value + source.choice(_LETTERS)
    at = source.randrange(len(value) - 1)
    before, one, two, rest = value[:at], value[at], value[at + 1], value[at + 2 :]
    return source.choice(
        (
            f"{before}{source.choice(_LETTERS)}{two}{rest}",
            f"{before}{two}{rest}",
            f"{before}{one}{one}{two}{rest}",
            f"{before}{two}{one}{rest}",
        )
    )


def truths_of_planted(
    copies: Mapping[int, int], pairs: Sequence[tuple[int, int, float]], linked: Mapping[int, set[int]]
) -> tuple[list[tuple[float, bool]], int]:
    """(probability, whether it is right) of every pair with a copy, and how many copies missed their row.

    copies: id of a copy to the id of its row. pairs: (id, id, probability) that hold at least one copy.
    linked: for the rows that were copied, who else is held for the same person at all: whether a copy belongs to
    them nobody knows, so such pairs say nothing.
    """
    truths: list[tuple[float, bool]] = []
    found: set[int] = set()
    for one, other, probability in pairs:
        if one in copies and other in copies:
            continue
        copy, row = (one, other) if one in copies else (other, one)
        origin = copies[copy]
        if row == origin:
            found.add(copy)
            truths.append((probability, True))
        elif row not in linked.get(origin, ()):
            truths.append((probability, False))
    return truths, len(copies) - len(found)
