"""The public keys of an OpenID Connect issuer: discovered, cached, fetched again when a key is missing.

Source: OpenID Connect Discovery 1.0, sections 4 and 7.1; RFC 7517.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
import structlog

from muster.errors import Unavailable

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 1024 * 1024
UNKNOWN_KEY_SECONDS = 30.0
"""Least time between two fetches because of a key id nobody knows: anybody can invent such ids."""
FAILURE_SECONDS = 5.0
"""How long a failed fetch answers for those after it, so that they do not all wait for a dead issuer."""

Jwk = Mapping[str, Any]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Fetched:
    keys: tuple[Jwk, ...]
    at: float  # time.monotonic()


class IssuerKeys:
    """The issuer's current JSON Web Keys; thread-safe, one fetch at a time.

    issuer: exactly as configured and as in `iss`. cache_seconds: how long fetched keys are trusted.
    unknown_key_seconds, failure_seconds: see the module's constants.
    """

    def __init__(
        self,
        issuer: str,
        *,
        cache_seconds: float,
        unknown_key_seconds: float = UNKNOWN_KEY_SECONDS,
        failure_seconds: float = FAILURE_SECONDS,
    ) -> None:
        self._issuer = issuer
        self._cache_seconds = cache_seconds
        self._unknown_key_seconds = unknown_key_seconds
        self._failure_seconds = failure_seconds
        self._fetching = threading.Lock()
        self._fetched: _Fetched | None = None
        self._failed_at: float | None = None

    def candidates(self, key_id: str | None) -> Sequence[Jwk]:
        """The keys that may have signed a token: those named `key_id`, or all when the token names none.

        Raises Unavailable when the issuer does not answer, or answers nonsense.
        """
        fetched = self._current(self._cache_seconds)
        found = _named(fetched.keys, key_id)
        if not found:
            # Issuers rotate keys before the cache runs out.
            found = _named(self._current(min(self._unknown_key_seconds, self._cache_seconds)).keys, key_id)
        return found

    def _current(self, max_age_seconds: float) -> _Fetched:
        fetched = self._fetched
        if fetched is not None and time.monotonic() - fetched.at < max_age_seconds:
            return fetched
        with self._fetching:
            fetched = self._fetched
            if fetched is not None and time.monotonic() - fetched.at < max_age_seconds:
                return fetched  # somebody fetched them while we waited
            if self._failed_at is not None and time.monotonic() - self._failed_at < self._failure_seconds:
                raise _down()
            try:
                keys = _fetch(self._issuer)
            except (httpx2.HTTPError, httpx2.InvalidURL, msgspec.MsgspecError, ValueError) as error:
                self._failed_at = time.monotonic()
                _log.warning("issuer.keys_not_fetched", issuer=self._issuer, reason=type(error).__name__)
                raise _down() from error
            self._failed_at = None
            self._fetched = _Fetched(keys, time.monotonic())
            return self._fetched


class _Discovery(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def _fetch(issuer: str) -> tuple[Jwk, ...]:
    with httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
        document = _get(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        discovery = msgspec.json.decode(document, type=_Discovery)
        if discovery.issuer != issuer:
            raise ValueError("the discovery document is another issuer's")
        if urlsplit(discovery.jwks_uri).scheme not in {"https", urlsplit(issuer).scheme}:
            raise ValueError("the keys lie at a less safe address than the issuer")
        return tuple(msgspec.json.decode(_get(client, discovery.jwks_uri), type=_KeySet).keys)


def _get(client: httpx2.Client, url: str) -> bytes:
    deadline = time.monotonic() + 2 * TIMEOUT_SECONDS  # the client's timeout is per read, not in all
    body = bytearray()
    with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        if answer.status_code != 200:
            raise ValueError(f"the issuer answered {answer.status_code}")
        for part in answer.iter_bytes():
            body += part
            if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                raise ValueError("the issuer's answer is too long or too slow")
    return bytes(body)


def _named(keys: Sequence[Jwk], key_id: str | None) -> Sequence[Jwk]:
    return keys if key_id is None else [key for key in keys if key.get("kid") == key_id]


def _down() -> Unavailable:
    return Unavailable(
        "The sign-in issuer does not answer, so its tokens cannot be checked. Try again in a moment.",
        code="issuer_unavailable",
        retry_after_seconds=5,
    )
