"""Try a connection: one call, as a run would make it, and what came of it. Nothing of it is kept."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.enrichments.connection_room import ConnectionsRoom
from muster.enrichments.connections import load
from muster.enrichments.forms import formed
from muster.enrichments.provider import CONFIDENCE, COST, OUTCOME, REASON, Call, Outcome, Terms
from muster.errors import InputError, Issue, Overloaded

TRY_SECONDS: Final = 20.0
AT_ONCE: Final = 4
"""Tries of all users in one process: each holds a thread that answers requests for as long as a service takes."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one call. values: by output. cost_micros: as far as the terms tell."""

    outcome: Outcome
    reason: str | None
    values: Mapping[str, str | None]
    confidence: float | None
    cost_micros: int


class Tries:
    """Makes tries, at most AT_ONCE at a time; one for each process."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def try_(
        self,
        room: ConnectionsRoom,
        principal: Principal,
        connection_id: str,
        inputs: Mapping[str, str | None],
    ) -> Tried:
        """Ends after TRY_SECONDS with the reason `timeout`.

        Raises NotFound, Forbidden, Conflict, InputError (`input_unknown`, `input_missing`, and what the provider
        raises for every input: `provider_refused`, `address_refused`), Overloaded.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded(
                "Several connections are being tried at the moment. Try again in a few seconds.",
                retry_after_seconds=3,
            )
        try:
            return _try(room, principal, connection_id, inputs)
        finally:
            self._places.release()


def _try(
    room: ConnectionsRoom, principal: Principal, connection_id: str, inputs: Mapping[str, str | None]
) -> Tried:
    with room.db.read() as connection:
        provider_id, settings = load(room, connection, principal.user_id, connection_id)
    provider = room.providers[provider_id]
    terms = provider.terms(settings)
    batch = _batch(terms, inputs)
    with room.db.begin() as connection:
        # It may cost something, so it is written down before it happens.
        audit.record(connection, principal, "connection.tried", connection_id, {}, room.clock())
    until = time.monotonic() + TRY_SECONDS
    call = Call(
        settings,
        frozenset(output.name for output in terms.gives),
        lambda: time.monotonic() > until,
        connection=connection_id,
        allow_network=room.allow_network,
        allow_private_addresses=room.allow_private_addresses,
    )
    try:
        [row] = provider.enrich(batch, call).to_pylist()
    finally:
        call.close()
    return _tried(row, terms)


def _tried(row: Mapping[str, Any], terms: Terms) -> Tried:
    outcome, reason = Outcome(row[OUTCOME]), row[REASON]
    if outcome is Outcome.UNASKED:
        outcome, reason = Outcome.FAILED, "timeout"
    is_paid = outcome is Outcome.FOUND or (outcome is Outcome.EMPTY and terms.price_per == "asked")
    cost = row[COST] if row[COST] is not None else terms.price_micros if is_paid else 0
    confidence = (1.0 if row[CONFIDENCE] is None else row[CONFIDENCE]) if outcome is Outcome.FOUND else None
    values = {output.name: row[output.name] for output in terms.gives}
    return Tried(outcome, reason, values, confidence, cost)


def _batch(terms: Terms, inputs: Mapping[str, str | None]) -> pa.RecordBatch:
    """One row, in the forms the needs ask for. Raises InputError."""
    unknown = sorted(inputs.keys() - {need.name for need in terms.needs})
    if unknown:
        message = "The connection has no such input."
        issues = [Issue(None, name, f"/input/{name}", "input_unknown", message) for name in unknown]
        raise InputError("An input is not known; `errors` says which.", code="input_unknown", issues=issues)
    columns = {
        need.name: formed(pa.array([inputs.get(need.name)], pa.large_string()), need.form)
        for need in terms.needs
    }
    missing = [need.name for need in terms.needs if need.required and not columns[need.name][0].is_valid]
    if missing or not any(column[0].is_valid for column in columns.values()):
        message = "The connection needs this input."
        issues = [
            Issue(None, name, f"/input/{name}", "input_missing", message)
            for name in missing or [need.name for need in terms.needs]
        ]
        raise InputError("An input is missing; `errors` says which.", code="input_missing", issues=issues)
    return pa.record_batch(columns)
