"""What requests to probable matches say, parsed once at the edge."""

from collections.abc import Sequence
from typing import Final

import msgspec

from muster.segments.match_model import (
    DEFAULT_THRESHOLD,
    MAX_LABELS,
    Compare,
    CompareKind,
    Label,
    MatchWish,
    PairOfRows,
)
from muster.segments.model import MAX_UPLOADS
from muster.web.json_body import body_refused, decode_json

MAX_COMPARED: Final = 8
MAX_DECISIONS: Final = 1_000


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    upload_id: str
    row: int


class _Label(msgspec.Struct, forbid_unknown_fields=True):
    a: _Row
    b: _Row
    same: bool


class _Compare(msgspec.Struct, forbid_unknown_fields=True):
    column: str
    kind: CompareKind


class _Match(msgspec.Struct, forbid_unknown_fields=True):
    uploads: list[str]
    compare: list[_Compare]
    threshold: float = DEFAULT_THRESHOLD
    labels: list[_Label] = []


class _Decisions(msgspec.Struct, forbid_unknown_fields=True):
    decisions: list[_Label]


def parse_match(body: bytes) -> MatchWish:
    """What to match. Raises InputError."""
    sent = decode_json(body, _Match)
    if not 1 <= len(sent.uploads) <= MAX_UPLOADS or len(set(sent.uploads)) < len(sent.uploads):
        raise body_refused("uploads", "body_invalid", f"Name 1 to {MAX_UPLOADS} uploads, each once.")
    columns = [each.column for each in sent.compare]
    if not 2 <= len(columns) <= MAX_COMPARED or len(set(columns)) < len(columns):
        raise body_refused("compare", "body_invalid", f"Compare 2 to {MAX_COMPARED} columns, each once.")
    if not 0.5 <= sent.threshold <= 1:
        raise body_refused("threshold", "body_invalid", "`threshold` is a probability from 0.5 to 1.")
    return MatchWish(
        tuple(sent.uploads),
        tuple(Compare(each.column, each.kind) for each in sent.compare),
        sent.threshold,
        _labels("labels", sent.labels, MAX_LABELS),
    )


def parse_decisions(body: bytes) -> tuple[Label, ...]:
    """What somebody says of pairs. Raises InputError."""
    sent = decode_json(body, _Decisions)
    if not sent.decisions:
        raise body_refused("decisions", "body_invalid", "Give `decisions`, at least one pair.")
    return _labels("decisions", sent.decisions, MAX_DECISIONS)


def _labels(name: str, sent: Sequence[_Label], most: int) -> tuple[Label, ...]:
    if len(sent) > most:
        raise body_refused(name, "too_many_entries", f"Send at most {most:,} pairs.")
    labels = []
    for at, given in enumerate(sent):
        a, b = (given.a.upload_id, given.a.row), (given.b.upload_id, given.b.row)
        if a == b or min(a[1], b[1]) < 0:
            raise body_refused(f"{name}.{at}", "body_invalid", "A pair is two different rows.")
        labels.append(Label(PairOfRows.of(a, b), given.same))
    return tuple(labels)
