"""Invented answers, for demonstrations and tests: of the same input always the same, with the misses, failures,
delays and prices one wants to see. It behaves like a provider that asks somebody else, and asks nobody.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import pyarrow as pa
from pydantic import Field

from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Keep,
    Kind,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Rate,
    Settings,
    Terms,
    Where,
    answers,
)

_NEEDS = (
    Input(
        "key",
        "Key",
        "Anything; the answer is made from it.",
        ("company_domain", "domain", "business_email", "email", "company_name", "full_name"),
        Form.FOLDED,
    ),
)
_GIVES = (
    Output("industry", "Pretended industry", "One of a few industries, by chance.", "pretend_industry"),
    Output("employees", "Pretended employees", "A number, by chance.", "pretend_employees", Kind.NUMBER),
)
_KEEP: Final = Keep(found=timedelta(days=30), empty=timedelta(days=7))
_INDUSTRIES: Final = (
    "Agriculture",
    "Construction",
    "Education",
    "Energy",
    "Finance",
    "Health",
    "Retail",
    "Software",
    "Transport",
)
_LOOK_SECONDS: Final = 0.2


class PretendSettings(Settings):
    """What to pretend."""

    hit_share: float = Field(
        default=0.8, ge=0, le=1, title="Found", description="Share of inputs something is found for."
    )
    failure_share: float = Field(
        default=0,
        ge=0,
        le=1,
        title="Failures",
        description="Share of inputs that fail, before anything is found.",
    )
    latency_ms: int = Field(
        default=0, ge=0, le=60_000, title="Delay", description="How long a call takes, in milliseconds."
    )
    concurrency: int = Field(default=8, ge=1, le=256, title="At the same time", description="Calls at once.")
    calls_per_second: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        title="Rate",
        description="The most calls in a second; nothing: no limit.",
    )
    price_micros: int = Field(
        default=0,
        ge=0,
        le=10**9,
        title="Price",
        description="In millionths of your currency. Nobody is paid.",
    )
    price_per: Literal["asked", "found"] = Field(
        default="found",
        title="Price for",
        description="Each input asked about, or each that something was found for.",
    )
    salt: str = Field(default="", max_length=100, title="Salt", description="Other text, other answers.")


class Pretend(Provider):
    """Never to be mistaken for knowledge: its columns say `pretend`."""

    manifest = ProviderManifest(
        "pretend",
        "1",
        "Pretend",
        "Invents answers, to see what a run looks like before a real provider is paid. It asks nobody.",
        Where.NETWORK,
        1_024,
        Terms(_NEEDS, _GIVES, keep=_KEEP, concurrency=8),
        PretendSettings,
        is_offline=True,
    )

    def terms(self, settings: Settings) -> Terms:
        assert isinstance(settings, PretendSettings)  # noqa: S101 - made from the manifest
        return Terms(
            _NEEDS,
            _GIVES,
            price_micros=settings.price_micros,
            price_per=settings.price_per,
            keep=_KEEP,
            rate=None if settings.calls_per_second is None else Rate(settings.calls_per_second, 1.0),
            concurrency=settings.concurrency,
        )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        assert isinstance(call.settings, PretendSettings)  # noqa: S101 - the runner made it from the manifest
        settings = call.settings
        pace = call.resource("pretend", lambda: _Pace(settings.calls_per_second))
        keys = batch.column("key").to_pylist()
        found: list[_Answer] = []
        while len(found) < len(keys):
            some = keys[len(found) : len(found) + settings.concurrency]
            if not _rested(pace.seconds_until(len(some)) + settings.latency_ms / 1000, call):
                break
            found += [_invented(key, settings) for key in some]
        found += [_UNASKED] * (len(keys) - len(found))
        values = {
            "industry": [each.industry for each in found],
            "employees": [each.employees for each in found],
        }
        return answers(
            _GIVES,
            len(found),
            values,
            outcomes=[each.outcome for each in found],
            reasons=["pretended" if each.outcome is Outcome.FAILED else None for each in found],
            confidences=[each.confidence for each in found],
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    outcome: Outcome
    industry: str | None = None
    employees: str | None = None
    confidence: float | None = None


_UNASKED: Final = _Answer(Outcome.UNASKED)


def _invented(key: str, settings: PretendSettings) -> _Answer:
    chances = _chances(f"{settings.salt}\0{key}")
    if next(chances) < settings.failure_share:
        return _Answer(Outcome.FAILED)
    if next(chances) >= settings.hit_share:
        return _Answer(Outcome.EMPTY)
    industry = _INDUSTRIES[int(next(chances) * len(_INDUSTRIES))]
    employees = round(10 ** (4 * next(chances)))
    return _Answer(Outcome.FOUND, industry, str(employees), round(0.5 + next(chances) / 2, 2))


def _chances(text: str) -> Iterator[float]:
    """Five numbers from 0 to 1 (excluded), always the same for a text."""
    digest = hashlib.sha256(text.encode()).digest()
    return (int.from_bytes(digest[at : at + 6], "big") / 2**48 for at in range(0, 30, 6))


def _rested(seconds: float, call: Call) -> bool:
    """Let the time pass; False as soon as the run is to stop."""
    until = time.monotonic() + seconds
    while not call.is_stopping():
        left = until - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, _LOOK_SECONDS))
    return False


class _Pace:
    """Spreads calls evenly, over all batches of a run; thread-safe. per_second: None for no limit."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._next = 0.0
        self._guard = threading.Lock()

    def seconds_until(self, calls: int) -> float:
        """Take as many calls, and say how long to wait until the last of them may be made."""
        if self._per_second is None:
            return 0.0
        with self._guard:
            now = time.monotonic()
            self._next = max(self._next, now) + calls / self._per_second
            return self._next - now

    def close(self) -> None:
        """There is nothing to close."""
