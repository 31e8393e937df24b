"""What is told about probable matches; frozen values, their members named as on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._segments_model import MemberRow


@dataclass(frozen=True, slots=True)
class MatchPoint:
    """What a threshold would do; None where there is nothing to tell from."""

    threshold: float
    precision: float | None
    recall: float | None
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A probable match. status: computing, ready, failed. measured_on: labels, planted.

    Counts are None until it is ready. weights: how much each agreement tells.
    """

    id: str
    status: str
    reason_code: str | None = None
    reason: str | None = None
    uploads: tuple[str, ...]
    threshold: float
    rows: int | None = None
    pairs: int | None = None
    pairs_above: int | None = None
    clusters: int | None = None
    measured_on: str | None = None
    precision: float | None = None
    recall: float | None = None
    curve: tuple[MatchPoint, ...] = ()
    weights: tuple[Mapping[str, Any], ...] = ()
    created_at: datetime
    updated_at: datetime

    @property
    def is_over(self) -> bool:
        return self.status != "computing"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one column says of a pair. weight: bits; level None: one of the two has no value."""

    column: str
    level: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class MatchPair:
    """Two rows that may be one person. decision: what somebody said, None when nobody did."""

    a: MemberRow
    b: MemberRow
    probability: float
    decision: bool | None
    evidence: tuple[Evidence, ...] = ()
