"""Any REST service that answers in JSON, described by its connection: address, inputs, paths, price and pace."""

import threading
from typing import ClassVar

import pyarrow as pa

from muster.enrichments.http.ask import Manners
from muster.enrichments.http.endpoint import Endpoint, Result
from muster.enrichments.http.session import Session
from muster.enrichments.http.settings import HttpSettings
from muster.enrichments.http.turns import Turns
from muster.enrichments.provider import (
    Call,
    Outcome,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)
from muster.web.outgoing.caller import HttpCaller, system_trust


class HttpJson(Provider):
    """See docs/guides/http-provider.md. Limits of pace hold for each connection in each process."""

    manifest: ClassVar = ProviderManifest(
        id="http_json",
        version="1",
        title="REST service",
        description="Asks a service of your choice over HTTPS and takes values out of its JSON answers by JSONPath: "
        "one input in each call or many, at the pace and price the connection says.",
        where=Where.NETWORK,
        batch_rows=1000,
        terms=Terms(needs=(), gives=()),
        settings=HttpSettings,
        connection=True,
    )

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: dict[str, Turns] = {}

    def terms(self, settings: Settings) -> Terms:
        return _own(settings).terms()

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        """See `Provider.enrich`. Raises InputError: `provider_refused`, `address_refused`."""
        settings = _own(call.settings)
        if not call.allow_network:
            return _answers(settings, [Result(Outcome.FAILED, reason="network_off")] * batch.num_rows)
        session = call.resource(self.manifest.id, lambda: _opened(settings, call.allow_private_addresses))
        manners = Manners(settings.timeout_seconds, settings.retries)
        turns = self._turns_of(call.connection or settings.secrets_are_for(), settings)
        return _answers(settings, session.results(batch.to_pylist(), turns, manners, call.is_stopping))

    def _turns_of(self, key: str, settings: HttpSettings) -> Turns:
        """Those of a connection, whoever asks, with the limits it has now."""
        rate = settings.terms().rate
        with self._guard:
            turns = self._turns.get(key)
            if turns is None:
                turns = self._turns[key] = Turns(rate, settings.concurrency)
        turns.keep_to(rate, settings.concurrency)
        return turns


def _opened(settings: HttpSettings, allow_private: bool) -> Session:
    trust = system_trust()
    return Session(
        Endpoint(settings, allow_private=allow_private),
        settings.concurrency,
        lambda: HttpCaller(allow_private=allow_private, trust=trust),
    )


def _answers(settings: HttpSettings, results: list[Result]) -> pa.RecordBatch:
    values = {
        output.name: [result.values[at] if result.values else None for result in results]
        for at, output in enumerate(settings.outputs)
    }
    return answers(
        settings.terms().gives,
        len(results),
        values,
        outcomes=[result.outcome for result in results],
        reasons=[result.reason for result in results],
        confidences=[result.confidence for result in results],
    )


def _own(settings: Settings) -> HttpSettings:
    if not isinstance(settings, HttpSettings):
        raise TypeError("these are the settings of another provider")
    return settings
