"""The public JSON names of providers and of their terms (docs/api/enrichments.md)."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.enrichments.model import MICROS
from muster.enrichments.provider import Input, Keep, Output, Provider, Rate, Terms


class NeedJson(TypedDict):
    name: str
    title: str
    description: str
    fields: list[str]
    form: Literal["exact", "trimmed", "folded"]
    required: bool


class GiveJson(TypedDict):
    name: str
    title: str
    description: str
    column: str
    kind: Literal["text", "boolean", "number"]


class RateJson(TypedDict):
    calls: int
    seconds: float


class KeptJson(TypedDict):
    found: float
    empty: float


class TermsJson(TypedDict):
    needs: list[NeedJson]
    needs_one: bool
    gives: list[GiveJson]
    price: float
    price_per: Literal["asked", "found"]
    cached_days: KeptJson | None
    rate: RateJson | None


class TermsAnswerJson(TypedDict):
    status: Literal["success"]
    terms: TermsJson


class ProviderJson(TermsJson):
    id: str
    version: str
    title: str
    description: str
    network: bool
    connection: bool
    batch_rows: int
    settings: dict[str, Any]


class ProvidersJson(TypedDict):
    status: Literal["success"]
    providers: list[ProviderJson]
    total: int
    next_cursor: None


def providers_json(providers: Sequence[Provider]) -> bytes:
    shown = [_provider_json(provider) for provider in providers]
    return msgspec.json.encode(
        {"status": "success", "providers": shown, "total": len(shown), "next_cursor": None}
    )


def _provider_json(provider: Provider) -> dict[str, Any]:
    manifest = provider.manifest
    return {
        "id": manifest.id,
        "version": manifest.version,
        "title": manifest.title,
        "description": manifest.description,
        "network": manifest.needs_network,
        "connection": manifest.connection,
        "batch_rows": manifest.batch_rows,
        "settings": manifest.settings.model_json_schema(),
        **terms_json(manifest.terms),
    }


def terms_answer(terms: Terms) -> bytes:
    return msgspec.json.encode({"status": "success", "terms": terms_json(terms)})


def terms_json(terms: Terms) -> dict[str, Any]:
    """What is needed and given, for which price; of a provider, or of a connection."""
    return {
        "needs": [_need_json(need) for need in terms.needs],
        "needs_one": terms.needs_one,
        "gives": [_give_json(output) for output in terms.gives],
        "price": money(terms.price_micros),
        "price_per": terms.price_per,
        "cached_days": _kept_json(terms.keep),
        "rate": _rate_json(terms.rate),
    }


def _need_json(need: Input) -> dict[str, Any]:
    return {
        "name": need.name,
        "title": need.title,
        "description": need.description,
        "fields": need.fields,
        "form": need.form.value,
        "required": need.required,
    }


def _give_json(output: Output) -> dict[str, Any]:
    return {
        "name": output.name,
        "title": output.title,
        "description": output.description,
        "column": output.column,
        "kind": output.kind.value,
    }


def _kept_json(keep: Keep | None) -> dict[str, float] | None:
    if keep is None:
        return None
    return {name: getattr(keep, name).total_seconds() / 86_400 for name in ("found", "empty")}


def _rate_json(rate: Rate | None) -> dict[str, float] | None:
    return None if rate is None else {"calls": rate.calls, "seconds": rate.seconds}


def money(micros: int) -> float:
    """Millionths as an amount; whole ones without a fraction."""
    return micros / MICROS
