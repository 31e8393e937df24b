"""A connection: settings of a provider that are kept under a name, for many runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from muster.enrichments.provider import Terms


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """As it lies in the database. settings: what may be seen, null for each secret; sealed: the secrets."""

    id: str
    provider: str
    name: str
    settings: Mapping[str, Any]
    sealed: bytes | None = field(repr=False)
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ListedConnection:
    """As it is shown. terms: what holds for its use; None: its provider is not installed, or takes other settings now."""

    stored: StoredConnection
    terms: Terms | None
