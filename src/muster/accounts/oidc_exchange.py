"""What a browser sign-in asks the issuer: its endpoints, and tokens for a code.

Source: OpenID Connect Core 1.0, 3.1.3; RFC 6749, 2.3.1; OpenID Connect Discovery 1.0, 4.
"""

import base64
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit

import httpx2
import msgspec
import structlog

from muster.accounts.jwks import MAX_ANSWER_BYTES, TIMEOUT_SECONDS
from muster.errors import NotSignedIn, Unavailable

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """How Muster is known to the issuer. secret: None for a public client, which has PKCE alone."""

    id: str
    secret: str | None = field(default=None, repr=False)


class Endpoints(msgspec.Struct, frozen=True):
    """What the discovery document says; the rest of it is not needed here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct):
    id_token: str


class _Refusal(msgspec.Struct):
    error: str = ""


class IssuerEndpoints:
    """The issuer's endpoints, fetched when first needed and again when older than `cache_seconds`; thread-safe."""

    def __init__(self, issuer: str, *, cache_seconds: float) -> None:
        self._issuer = issuer
        self._cache_seconds = cache_seconds
        self._fetching = threading.Lock()
        self._found: tuple[Endpoints, float] | None = None

    def get(self) -> Endpoints:
        """Raises Unavailable (`issuer_unavailable`) when the issuer does not answer, or answers nonsense."""
        with self._fetching:
            if self._found is not None and time.monotonic() - self._found[1] < self._cache_seconds:
                return self._found[0]
            try:
                found = self._fetch()
            except (httpx2.HTTPError, httpx2.InvalidURL, msgspec.MsgspecError, ValueError) as error:
                raise _down("discovery", type(error).__name__) from error
            self._found = found, time.monotonic()
            return found

    def _fetch(self) -> Endpoints:
        status, body = _ask("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration", {}, None)
        if status != 200:
            raise ValueError(f"the issuer answered {status}")
        found = msgspec.json.decode(body, type=Endpoints)
        if found.issuer != self._issuer:
            raise ValueError("the discovery document is another issuer's")
        for address in (found.authorization_endpoint, found.token_endpoint):
            parts = urlsplit(address)
            if parts.scheme not in {"https", urlsplit(self._issuer).scheme} or not parts.hostname:
                raise ValueError("an endpoint is at a less safe address than the issuer")
        return found


def exchange(endpoints: Endpoints, client: Client, *, code: str, verifier: str, redirect_uri: str) -> str:
    """The ID token that the issuer gives for a code, not verified yet.

    Raises NotSignedIn (`oidc_refused`) when the issuer refuses the code, Unavailable when it does not answer
    or does not know us.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    headers = _identify(endpoints, client, form)
    try:
        status, body = _ask("POST", endpoints.token_endpoint, headers, form)
        if status == 200:
            return msgspec.json.decode(body, type=_Tokens).id_token
        refusal = msgspec.json.decode(body, type=_Refusal).error
    except (httpx2.HTTPError, httpx2.InvalidURL, msgspec.MsgspecError, ValueError) as error:
        raise _down("token", type(error).__name__) from error
    if status == 400 and refusal == "invalid_grant":
        raise NotSignedIn(
            "The issuer did not accept this sign-in: it took too long or was used before. Sign in again.",
            code="oidc_refused",
        )
    raise _down("token", f"answer {status}")


def _identify(endpoints: Endpoints, client: Client, form: dict[str, str]) -> dict[str, str]:
    """Say who we are: by HTTP Basic, which every issuer knows, unless it takes only the form."""
    if client.secret is None:
        form["client_id"] = client.id
        return {}
    methods = endpoints.token_endpoint_auth_methods_supported
    if "client_secret_basic" not in methods and "client_secret_post" in methods:
        form |= {"client_id": client.id, "client_secret": client.secret}
        return {}
    # Each half is form-encoded first (RFC 6749, 2.3.1): a colon in the id would end it too early.
    pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _ask(
    method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
) -> tuple[int, bytes]:
    deadline = time.monotonic() + 2 * TIMEOUT_SECONDS  # the client's timeout is per read, not in all
    body = bytearray()
    sent = {"Accept": "application/json", **headers}
    with (
        httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client,
        client.stream(method, url, headers=sent, data=form) as answer,
    ):
        for part in answer.iter_bytes():
            body += part
            if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                raise ValueError("the issuer's answer is too long or too slow")
    return answer.status_code, bytes(body)


def _down(asked: str, reason: str) -> Unavailable:
    _log.warning("issuer.not_asked", asked=asked, reason=reason)
    return Unavailable(
        "The sign-in issuer does not answer as it should. Try again in a moment, or sign in another way.",
        code="issuer_unavailable",
        retry_after_seconds=5,
    )
