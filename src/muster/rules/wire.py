"""Public JSON names of rules: what answers look like."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.clock import rfc3339
from muster.records.rule_parse import rule_json
from muster.rules.findings import Finding
from muster.rules.model import StoredRule
from muster.rules.try_ import Tried, TriedUpload


class RuleView(TypedDict):
    """A rule. position: from 0; rules are applied in this order."""

    id: str
    name: str
    field: str | None
    test: dict[str, Any]
    severity: Literal["reject", "warn", "fix"]
    otherwise: Literal["reject", "warn"]
    enabled: bool
    position: int
    created_at: str
    updated_at: str


class RulesAnswer(TypedDict):
    """All rules of the user, in their order; there is never a second page."""

    status: Literal["success"]
    rules: list[RuleView]
    total: int
    next_cursor: None


class RuleAnswer(TypedDict):
    """One rule."""

    status: Literal["success"]
    rule: RuleView


class RuleDeletedAnswer(TypedDict):
    """The rule is gone."""

    status: Literal["success"]
    message: str


class FindingView(TypedDict):
    """One thing a rule says. fixed: the value under severity `fix`, empty when the cell is emptied."""

    field: str | None
    code: str
    severity: Literal["reject", "warn", "fix"]
    value: str | None
    fixed: str | None
    message: str


class TriedView(TypedDict):
    """What would become of one value or record. record: as rules leave it, as sent when it is rejected."""

    row: int
    outcome: Literal["accepted", "accepted_with_warnings", "rejected"]
    record: dict[str, str | None]
    findings: list[FindingView]


class CountView(TypedDict):
    """How often a code occurs in an upload."""

    field: str | None
    code: str
    severity: Literal["reject", "warn", "fix"]
    count: int


class ExampleView(FindingView):
    """One of the first findings; row counts from 0 in the upload."""

    row: int


class TriedUploadView(TypedDict):
    """What would become of an upload. is_complete: false when time ran out after `rows` rows.

    not_tried: rules on unique values for which time or memory did not suffice; ids, or places in `rules`.
    """

    upload_id: str
    rows: int
    accepted: int
    rejected: int
    is_complete: bool
    counts: list[CountView]
    examples: list[ExampleView]
    not_tried: list[str]


class TryAnswer(TypedDict, total=False):
    """`results` for values and records, `upload` for an upload."""

    status: Literal["success"]
    results: list[TriedView]
    upload: TriedUploadView


def rule_view(stored: StoredRule) -> dict[str, Any]:
    return {
        "id": stored.rule.id,
        **rule_json(stored.rule),
        "position": stored.position,
        "created_at": rfc3339(stored.created_at),
        "updated_at": rfc3339(stored.updated_at),
    }


def rules_json(rules: Sequence[StoredRule]) -> bytes:
    return msgspec.json.encode(
        {"status": "success", "rules": list(map(rule_view, rules)), "total": len(rules), "next_cursor": None}
    )


def rule_answer(stored: StoredRule) -> bytes:
    return msgspec.json.encode({"status": "success", "rule": rule_view(stored)})


def tried_json(results: Sequence[Tried]) -> bytes:
    """What became of values or records."""
    shown = [
        {
            "row": at,
            "outcome": tried.outcome,
            "record": dict(tried.values),
            "findings": [_finding(finding) for finding in tried.findings],
        }
        for at, tried in enumerate(results)
    ]
    return msgspec.json.encode({"status": "success", "results": shown})


def tried_upload_json(upload_id: str, tried: TriedUpload) -> bytes:
    """What would become of an upload; codes by how often, the most frequent first."""
    counts = [
        {"field": field, "code": code, "severity": severity, "count": count}
        for (field, code, severity), count in tried.counts.most_common()
    ]
    examples = [
        {"row": finding.index, **_finding(finding)}
        for finding in sorted(tried.examples, key=lambda finding: finding.index)
    ]
    upload = {
        "upload_id": upload_id,
        "rows": tried.rows,
        "accepted": tried.accepted,
        "rejected": tried.rejected,
        "is_complete": tried.is_complete,
        "counts": counts,
        "examples": examples,
        "not_tried": tried.not_tried,
    }
    return msgspec.json.encode({"status": "success", "upload": upload})


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "field": finding.field,
        "code": str(finding.code),
        "severity": str(finding.severity),
        "value": finding.value,
        "fixed": finding.fixed,
        "message": finding.message,
    }
