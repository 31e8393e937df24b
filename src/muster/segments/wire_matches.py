"""The public JSON names of probable matches (docs/api/segments.md)."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.clock import rfc3339
from muster.db.cursors import Cursor
from muster.segments.match import Pair, Pairs
from muster.segments.match_model import Match
from muster.segments.wire import MemberColumnJson, MemberRowJson, columns_json, member_json


class CompareJson(TypedDict):
    column: str
    kind: Literal["name", "email", "phone", "text", "exact"]


class CurvePointJson(TypedDict):
    threshold: float
    precision: float | None
    recall: float | None
    pairs: int


class WeightJson(TypedDict):
    column: str
    level: str
    m: float
    u: float
    is_trained: bool


class MatchJson(TypedDict):
    id: str
    status: Literal["ready", "computing", "failed"]
    reason_code: str | None
    reason: str | None
    uploads: list[str]
    compare: list[CompareJson]
    threshold: float
    rows: int | None
    pairs: int | None
    pairs_above: int | None
    clusters: int | None
    measured_on: Literal["labels", "planted"] | None
    precision: float | None
    recall: float | None
    curve: list[CurvePointJson]
    weights: list[WeightJson]
    created_at: str
    updated_at: str


class MatchAnswer(TypedDict):
    status: Literal["success"]
    match: MatchJson


class MatchesAnswer(TypedDict):
    status: Literal["success"]
    matches: list[MatchJson]
    total: int
    next_cursor: str | None


class EvidenceJson(TypedDict):
    column: str
    level: str | None
    weight: float


class PairJson(TypedDict):
    a: MemberRowJson
    b: MemberRowJson
    probability: float
    decision: bool | None
    evidence: list[EvidenceJson]


class PairsAnswer(TypedDict):
    status: Literal["success"]
    match_id: str
    total: int
    offset: int
    limit: int
    columns: list[MemberColumnJson]
    pairs: list[PairJson]


class MatchDeletedAnswer(TypedDict):
    status: Literal["success"]
    message: str


def match_json(match: Match) -> dict[str, Any]:
    """One match; its counts are null until it is ready."""
    facts = match.facts
    return {
        "id": match.id,
        "status": match.status,
        "reason_code": match.reason_code,
        "reason": match.reason,
        "uploads": [source.upload_id for source in match.sources],
        "compare": match.compare,
        "threshold": match.threshold,
        "rows": None if facts is None else facts.rows,
        "pairs": None if facts is None else facts.pairs,
        "pairs_above": None if facts is None else facts.pairs_above,
        "clusters": None if facts is None else facts.clusters,
        "measured_on": None if facts is None else facts.measured_on,
        "precision": None if facts is None else facts.precision,
        "recall": None if facts is None else facts.recall,
        "curve": () if facts is None else facts.curve,
        "weights": () if facts is None else facts.weights,
        "created_at": rfc3339(match.created_at),
        "updated_at": rfc3339(match.updated_at),
    }


def match_answer(match: Match) -> bytes:
    return msgspec.json.encode({"status": "success", "match": match_json(match)})


def matches_answer(matches: Sequence[Match], total: int, following: Cursor | None) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "matches": [match_json(each) for each in matches],
            "total": total,
            "next_cursor": None if following is None else following.encode(),
        }
    )


def pairs_answer(found: Pairs, offset: int, limit: int) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "match_id": found.match.id,
            "total": found.total,
            "offset": offset,
            "limit": limit,
            "columns": columns_json(found.columns),
            "pairs": [_pair(each) for each in found.items],
        }
    )


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "a": member_json(pair.a),
        "b": member_json(pair.b),
        "probability": pair.probability,
        "decision": pair.decision,
        "evidence": pair.evidence,
    }
