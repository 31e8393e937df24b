"""Counts of an export added up from what its portions say; pure.

A portion says what it did as a small JSON object that the job remembers; the sum is the same whoever adds it up, and
however often.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from muster.exports.destination import Refusal
from muster.exports.model import Counts, Failures, OutcomePart
from muster.exports.prepare import Prepared
from muster.exports.source import Place


@dataclass(slots=True)
class Portion:
    """What one portion does, while it does it. size_bytes: of the object it writes."""

    seen: int = 0
    written: int = 0
    size_bytes: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    unhashed: Counter[tuple[str, str]] = field(default_factory=Counter)
    part: OutcomePart | None = None
    place: Place | None = None

    def take(self, prepared: Prepared, seen: int, place: Place) -> None:
        """Count a batch that was prepared; what becomes of its rows is counted by whoever does it."""
        self.seen += seen
        self.place = place
        self.left_out.update(prepared.left_out)
        self.unhashed.update(prepared.unhashed)

    def refuse(self, refusal: Refusal, rows: int = 1) -> None:
        self.failures[refusal.code, refusal.message] += rows

    def note(self, *, more: bool) -> dict[str, Any]:
        """As the job remembers it."""
        return {
            "more": more,
            "seen": self.seen,
            "written": self.written,
            "size_bytes": self.size_bytes,
            "left_out": dict(self.left_out),
            "failures": [[*key, rows] for key, rows in self.failures.items()],
            "unhashed": [[*key, cells] for key, cells in self.unhashed.items()],
            "part": None if self.part is None else _part_json(self.part),
            "place": None if self.place is None else list(self.place),
        }


MAX_FAILURE_KINDS = 50
"""Different failures told apart; destinations that put a row's values into their words have endless ones."""
OTHER = Failures("other", "Other reasons; `outcomes` tells each row's.", 0)


def added(counts: Counts, note: Mapping[str, Any]) -> Counts:
    """The counts with one more portion in them."""
    left_out = Counter(counts.left_out)
    left_out.update(note["left_out"])
    failures = Counter({(each.code, each.message): each.rows for each in counts.failures})
    for code, message, rows in note["failures"]:
        key = (code, message)
        if key not in failures and len(failures) >= MAX_FAILURE_KINDS:
            key = (OTHER.code, OTHER.message)
        failures[key] += rows
    unhashed = Counter({(column, code): cells for column, code, cells in counts.unhashed})
    for column, code, cells in note["unhashed"]:
        unhashed[column, code] += cells
    part = note["part"]
    place = note["place"]
    return Counts(
        seen=counts.seen + note["seen"],
        written=counts.written + note["written"],
        failed=counts.failed + sum(rows for _, _, rows in note["failures"]),
        left_out=dict(left_out),
        failures=tuple(Failures(code, message, rows) for (code, message), rows in failures.most_common()),
        unhashed=tuple((column, code, cells) for (column, code), cells in unhashed.items()),
        joined=counts.joined,
        changed=counts.changed,
        left=counts.left,
        dismissed=counts.dismissed,
        parts=counts.parts if part is None else (*counts.parts, OutcomePart(**part)),
        place=counts.place if place is None else (place[0], place[1]),
    )


def _part_json(part: OutcomePart) -> dict[str, int]:
    return {
        "number": part.number,
        "written": part.written,
        "failed": part.failed,
        "left_out": part.left_out,
    }
