"""Public JSON names of connections: what answers look like."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.clock import rfc3339
from muster.enrichments.connection_model import ListedConnection
from muster.enrichments.connection_try import Tried
from muster.enrichments.provider import Terms
from muster.enrichments.wire_providers import TermsJson, money, terms_json

_NO_TERMS = Terms((), ())


class ConnectionJson(TermsJson):
    """A connection. settings: as given, null for each secret.

    usable: false where its provider is not installed, takes other settings now, or its secrets cannot be read.
    """

    id: str
    provider: str
    name: str
    settings: dict[str, Any]
    usable: bool
    created_at: str
    updated_at: str


class ConnectionsJson(TypedDict):
    """All connections of the user, by name; there is never a second page."""

    status: Literal["success"]
    connections: list[ConnectionJson]
    total: int
    next_cursor: None


class ConnectionAnswerJson(TypedDict):
    """One connection."""

    status: Literal["success"]
    connection: ConnectionJson


class ConnectionDeletedJson(TypedDict):
    """The connection is gone."""

    status: Literal["success"]
    message: str


class TriedJson(TypedDict):
    """What came of one call. confidence: of a found value. cost: as far as the terms tell."""

    status: Literal["success"]
    outcome: Literal["found", "empty", "skipped", "failed"]
    reason: str | None
    values: dict[str, str | None]
    confidence: float | None
    cost: float


def connection_json(listed: ListedConnection) -> dict[str, Any]:
    stored = listed.stored
    return {
        "id": stored.id,
        "provider": stored.provider,
        "name": stored.name,
        "settings": stored.settings,
        "usable": listed.terms is not None,
        **terms_json(listed.terms or _NO_TERMS),
        "created_at": rfc3339(stored.created_at),
        "updated_at": rfc3339(stored.updated_at),
    }


def connections_json(listed: Sequence[ListedConnection]) -> bytes:
    shown = list(map(connection_json, listed))
    return msgspec.json.encode(
        {"status": "success", "connections": shown, "total": len(shown), "next_cursor": None}
    )


def connection_answer(listed: ListedConnection) -> bytes:
    return msgspec.json.encode({"status": "success", "connection": connection_json(listed)})


def tried_json(tried: Tried) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "outcome": tried.outcome.value,
            "reason": tried.reason,
            "values": tried.values,
            "confidence": tried.confidence,
            "cost": money(tried.cost_micros),
        }
    )
