"""What is told about rules; frozen values, their members named as on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the server keeps it. position: from 0, rules are applied in this order."""

    id: str
    name: str
    field: str | None
    test: Mapping[str, Any]
    severity: str
    otherwise: str
    enabled: bool
    position: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule says. fixed: the value under severity `fix`; row: of the upload, where one was tried."""

    field: str | None
    code: str
    severity: str
    value: str | None
    fixed: str | None
    message: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of one value or record. record: as rules leave it, as sent when it is rejected."""

    row: int
    outcome: str
    record: Mapping[str, str | None]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How often a code would occur in an upload."""

    field: str | None
    code: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class TriedUpload:
    """What would become of a whole upload. is_complete: False when time ran out after `rows` rows.

    not_tried: rules on unique values for which the server had too little time or memory.
    """

    upload_id: str
    rows: int
    accepted: int
    rejected: int
    is_complete: bool
    counts: tuple[FindingCount, ...] = ()
    examples: tuple[Finding, ...] = ()
    not_tried: tuple[str, ...] = field(default_factory=tuple)
