"""What a probable match is: which columns are compared, what came of it, what people said; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from muster.segments.model import MatchId, Source, Status

MIN_LABELS: Final = 20
"""Known pairs of each sort from which on precision and recall are measured on them."""
MAX_LABELS: Final = 10_000
MAX_MATCH_ROWS: Final = 1_000_000
DEFAULT_THRESHOLD: Final = 0.95


class CompareKind(StrEnum):
    """How two values of a column are compared."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    TEXT = "text"
    EXACT = "exact"


class MeasuredOn(StrEnum):
    """What precision and recall are measured on."""

    LABELS = "labels"
    PLANTED = "planted"


@dataclass(frozen=True, slots=True)
class Compare:
    """One column that takes part."""

    column: str
    kind: CompareKind


@dataclass(frozen=True, slots=True)
class PairOfRows:
    """Two rows (upload id, row id); the lesser one first, so that a pair is the same however it was named."""

    a: tuple[str, int]
    b: tuple[str, int]

    @classmethod
    def of(cls, one: tuple[str, int], other: tuple[str, int]) -> "PairOfRows":
        return cls(*sorted((one, other)))


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody knows of a pair."""

    pair: PairOfRows
    is_same: bool


@dataclass(frozen=True, slots=True)
class MatchWish:
    """What to match. threshold: pairs below it are never joined unless somebody settles them."""

    uploads: tuple[str, ...]
    compare: tuple[Compare, ...]
    threshold: float = DEFAULT_THRESHOLD
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a threshold would do. precision, recall: None where there is nothing to tell from."""

    threshold: float
    precision: float | None
    recall: float | None
    pairs: int


@dataclass(frozen=True, slots=True)
class Weight:
    """How much one outcome of a comparison tells. m, u: how often it is seen among matches, and among others."""

    column: str
    level: str
    m: float
    u: float
    is_trained: bool


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """What came of a match; counts only. pairs_above, clusters: at the threshold, before anybody settled any."""

    rows: int
    pairs: int
    pairs_above: int
    clusters: int
    measured_on: MeasuredOn
    precision: float | None
    recall: float | None
    curve: tuple[CurvePoint, ...]
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A match as stored. facts, made_by: None until it is ready. labels_key, decisions_key: objects."""

    id: MatchId
    status: Status
    reason_code: str | None
    reason: str | None
    sources: tuple[Source, ...]
    compare: tuple[Compare, ...]
    threshold: float
    facts: MatchFacts | None
    labels_key: str | None
    decisions_key: str | None
    made_by: str | None
    job_id: str | None
    created_at: datetime
    updated_at: datetime
