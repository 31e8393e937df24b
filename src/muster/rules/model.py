"""A rule as stored, and what is known of it besides what it does."""

from dataclasses import dataclass
from datetime import datetime

from muster.records.rules import Rule


@dataclass(frozen=True, slots=True)
class StoredRule:
    """position: among the user's rules, from 0, without gaps."""

    rule: Rule
    position: int
    created_at: datetime
    updated_at: datetime
