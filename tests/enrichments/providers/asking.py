"""Asking a provider in a test: rows in, dictionaries out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa

from muster.enrichments.provider import OUTCOME, REASON, Call, Provider, Reference, Settings

Row = Sequence[str | None]


def batch_of(provider: Provider, settings: Settings, rows: Iterable[Row]) -> pa.RecordBatch:
    """Rows as the batch the provider is handed; each as long as it has needs."""
    names = [need.name for need in provider.terms(settings).needs]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, pa.large_string()) for column in columns], names=names
    )


def ask(
    provider: Provider,
    rows: Iterable[Row],
    *,
    settings: Settings | None = None,
    wanted: Iterable[str] | None = None,
    reference: Reference | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
    allow_network: bool = True,
    allow_private_addresses: bool = False,
) -> list[dict[str, Any]]:
    """What the provider answers to each row."""
    chosen = provider.manifest.settings() if settings is None else settings
    gives = frozenset(output.name for output in provider.terms(chosen).gives)
    call = Call(
        chosen,
        gives if wanted is None else frozenset(wanted),
        is_stopping=is_stopping,
        reference=reference,
        allow_network=allow_network,
        allow_private_addresses=allow_private_addresses,
    )
    try:
        answered: list[dict[str, Any]] = provider.enrich(batch_of(provider, chosen, rows), call).to_pylist()
        return answered
    finally:
        call.close()


def ask_one(provider: Provider, *row: str | None, **more: Any) -> dict[str, Any]:
    """What the provider answers to one row: the values it has, `outcome`, `reason` and `confidence`."""
    (answered,) = ask(provider, [row], **more)
    told = {name: value for name, value in answered.items() if not name.startswith("_") and value is not None}
    return told | {
        "outcome": answered[OUTCOME],
        "reason": answered[REASON],
        "confidence": answered["_confidence"],
    }
