"""The client's calls about enrichment; a part of `Client`."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._address import ENRICHMENTS, enrichment_path, provider_connection_path, upload_path
from ._connection import Connection, shaped
from ._enrichments_model import (
    CellOrigin,
    EnrichmentCache,
    EnrichmentEstimate,
    EnrichmentRun,
    Provider,
    ProviderConnection,
    ProviderTerms,
    TriedConnection,
)
from ._events import read_events
from ._tables_client import Filter, filter_tree
from ._wait_for_run import OnRun, find_run, wait_for_run
from ._work_model import Event

Steps = Sequence[str | Mapping[str, Any]]
"""Who is asked, in this order: ids of providers, or `{"provider": ..., "inputs": ..., "outputs": ..., "settings": ...}`."""

_RUNS_AT_ONCE = 100


class EnrichmentsClient:
    """Enrichment: who can be asked, what it would cost, runs, and where a value came from."""

    _connection: Connection

    def providers(self) -> tuple[Provider, ...]:
        """Everybody who can be asked: what each needs, gives and costs."""
        return shaped(
            self._connection.json("GET", f"{ENRICHMENTS}/providers")["providers"], tuple[Provider, ...]
        )

    def provider_terms(self, provider: str, settings: Mapping[str, Any]) -> ProviderTerms:
        """What a provider needs, gives and costs under settings of a step, where they decide it (as with `lookup`)."""
        body = {"provider": provider, "settings": settings}
        said = self._connection.json("POST", f"{ENRICHMENTS}/providers/terms", body=body)
        return shaped(said["terms"], ProviderTerms)

    def provider_connections(self) -> tuple[ProviderConnection, ...]:
        """The kept settings of providers that need an address or a key."""
        said = self._connection.json("GET", f"{ENRICHMENTS}/connections")
        return shaped(said["connections"], tuple[ProviderConnection, ...])

    def provider_connection(self, connection_id: str) -> ProviderConnection:
        """One of them. Raises NotFound when there is none or no more."""
        said = self._connection.json("GET", provider_connection_path(connection_id))
        return shaped(said["connection"], ProviderConnection)

    def create_provider_connection(
        self, provider: str, name: str, settings: Mapping[str, Any]
    ) -> ProviderConnection:
        """Keep settings of a provider under a name; secrets among them are stored sealed and never given back.

        settings: as `Provider.settings` describes them. Raises InvalidRequest with an error for each mistake.
        """
        said = self._connection.json(
            "POST",
            f"{ENRICHMENTS}/connections",
            body={"provider": provider, "name": name, "settings": settings},
            headers=_once(),
        )
        return shaped(said["connection"], ProviderConnection)

    def update_provider_connection(self, connection_id: str, **members: Any) -> ProviderConnection:
        """Change the named members: name, settings (as a whole; a secret that is None stays as it is)."""
        said = self._connection.json("PATCH", provider_connection_path(connection_id), body=members)
        return shaped(said["connection"], ProviderConnection)

    def delete_provider_connection(self, connection_id: str) -> None:
        """Forget them. What was enriched with them stays."""
        self._connection.call("DELETE", provider_connection_path(connection_id))

    def try_provider_connection(self, connection_id: str, input: Mapping[str, str]) -> TriedConnection:
        """Make one call, which may cost something, and show what came of it. input: a value for each thing it needs."""
        path = provider_connection_path(connection_id, "/try")
        return shaped(self._connection.json("POST", path, body={"input": input}), TriedConnection)

    def estimate_enrichment(
        self,
        upload_id: str,
        providers: Steps,
        *,
        targets: Sequence[Mapping[str, Any]] = (),
        filter: Filter | None = None,
        budget: float | None = None,
        sample: int = 50,
        ask_paid: bool = False,
    ) -> EnrichmentEstimate:
        """What `enrich` would do and cost; nothing is stored.

        sample: rows to try it on, 0 to 200. ask_paid: ask providers with a price about them, too; what they
        answer is kept, so the run does not pay for it again.
        """
        body = _plan(upload_id, providers, targets, filter, budget)
        body |= {"sample": sample, "ask_paid": ask_paid}
        return _estimate(self._connection.json("POST", f"{ENRICHMENTS}/estimate", body=body))

    def enrich(
        self,
        upload_id: str,
        providers: Steps,
        *,
        targets: Sequence[Mapping[str, Any]] = (),
        filter: Filter | None = None,
        budget: float | None = None,
        name: str | None = None,
    ) -> EnrichmentRun:
        """Start a run: ask providers, in this order, about rows where something is missing.

        targets: how columns are filled, where not by default: `{"column": ..., "policy": "overwrite",
        "min_confidence": 0.5, "accept": {...}}`. filter: only rows that match. budget: the most it may cost; needed
        when a provider has a price. Returns at once; `wait_for_enrichment` until it is over.

        Raises InvalidRequest with an error for each mistake in the plan, Conflict as long as there is no table.
        """
        body = _plan(upload_id, providers, targets, filter, budget)
        if name is not None:
            body["name"] = name
        return self._asked_run("POST", ENRICHMENTS, body=body, headers=_once())

    def enrichment(self, run_id: str) -> EnrichmentRun:
        """A run as it is now."""
        return find_run(self._connection, run_id)

    def enrichments(
        self, *, upload_id: str | None = None, status: str | Sequence[str] | None = None
    ) -> Iterator[EnrichmentRun]:
        """Runs, newest first, fetched as they are asked for. upload_id, status: only those."""
        statuses = status if status is None or isinstance(status, str) else ",".join(status)
        asked = {"upload_id": upload_id, "status": statuses, "limit": _RUNS_AT_ONCE}
        params: dict[str, str | int] = {name: value for name, value in asked.items() if value is not None}
        while True:
            said = self._connection.json("GET", ENRICHMENTS, params=params)
            yield from shaped(said["runs"], tuple[EnrichmentRun, ...])
            if not said["next_cursor"]:
                return
            params["cursor"] = said["next_cursor"]

    def enrichment_events(self, run_id: str, *, after: int = 0) -> Iterator[Event]:
        """What happens to a run, as it happens, until it is over; see `events`."""
        return read_events(self._connection, enrichment_path(run_id, "/events"), run_id, after=after)

    def wait_for_enrichment(
        self, run_id: str, *, timeout_seconds: float | None = None, on_progress: OnRun | None = None
    ) -> EnrichmentRun:
        """Wait until a run is over, and return it as it is then; whether it went well is in its `status`.

        on_progress: takes the run as it is, about twice a second, and at the end. A paused run is waited for.
        Raises StillWorking when that takes longer than `timeout_seconds`.
        """
        return wait_for_run(
            self._connection, run_id, timeout_seconds=timeout_seconds, on_progress=on_progress
        )

    def cancel_enrichment(self, run_id: str) -> EnrichmentRun:
        """End a run within two seconds; no column is stored, what was answered stays in the cache."""
        return self._asked_run("POST", enrichment_path(run_id, "/cancel"))

    def pause_enrichment(self, run_id: str) -> EnrichmentRun:
        """Let a run rest after the few seconds of work at hand."""
        return self._asked_run("POST", enrichment_path(run_id, "/pause"))

    def resume_enrichment(self, run_id: str) -> EnrichmentRun:
        """Let a paused run go on."""
        return self._asked_run("POST", enrichment_path(run_id, "/resume"))

    def retry_enrichment(
        self,
        run_id: str,
        *,
        codes: Sequence[str] | None = None,
        step: int | None = None,
        budget: float | None = None,
    ) -> EnrichmentRun:
        """Start a new run over the rows that failed, or were left for want of budget, into the same columns.

        codes, step: only what failed for these reasons, in this step (from 0). budget: the first run's unless given.
        Raises Conflict (`nothing_to_retry`) when nothing did.
        """
        wish = {"codes": None if codes is None else [*codes], "step": step, "budget": budget}
        body = {name: value for name, value in wish.items() if value is not None}
        return self._asked_run("POST", enrichment_path(run_id, "/retry-failed"), body=body, headers=_once())

    def enrichment_cache(self) -> EnrichmentCache:
        """How many answers are kept, so that nobody pays for them again."""
        return shaped(self._connection.json("GET", f"{ENRICHMENTS}/cache"), EnrichmentCache)

    def erase_enrichment_cache(self, values: Sequence[str] | None = None) -> int:
        """Erase every kept answer asked with, or containing, one of these values; None: all. Returns how many."""
        body = {"all": True} if values is None else {"values": [*values]}
        erased: int = self._connection.json("DELETE", f"{ENRICHMENTS}/cache", body=body)["erased"]
        return erased

    def provenance(self, upload_id: str, row_id: int) -> tuple[CellOrigin, ...]:
        """Where the enriched values of a row came from, by column. row_id: `Row.row_id`."""
        said = self._connection.json("GET", upload_path(upload_id, f"/rows/{row_id:d}/provenance"))
        return shaped(said["cells"], tuple[CellOrigin, ...])

    def _asked_run(self, method: str, path: str, **options: Any) -> EnrichmentRun:
        return shaped(self._connection.json(method, path, **options)["run"], EnrichmentRun)


def _plan(
    upload_id: str,
    providers: Steps,
    targets: Sequence[Mapping[str, Any]],
    filter: Filter | None,
    budget: float | None,
) -> dict[str, Any]:
    if isinstance(providers, str):
        raise TypeError('providers must be a list, such as ["email_hygiene", "phone"]')
    steps = [{"provider": step} if isinstance(step, str) else step for step in providers]
    body: dict[str, Any] = {"upload_id": upload_id, "providers": steps}
    if targets:
        body["targets"] = [*targets]
    if filter is not None:
        body["filter"] = filter_tree(filter)
    if budget is not None:
        body["budget"] = budget
    return body


def _estimate(said: Mapping[str, Any]) -> EnrichmentEstimate:
    rows = [{**row, "row_id": row.get("_row_id")} for row in said.get("sample", ())]
    return shaped({**said, "sample": rows}, EnrichmentEstimate)


def _once() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}
