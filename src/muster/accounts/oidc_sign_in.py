"""Sign in with the outside issuer in a browser: authorization code, PKCE, state and nonce.

What has to come back unchanged (`Attempt`) waits in a cookie of the browser that began, so a stranger's
requests write nothing here, and a callback link from another browser finds nothing to match. Its secrets
need no hiding from that browser: they protect its user from others.
Source: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207; RFC 9700, 2.1 and 4.
"""

import base64
import binascii
import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import msgspec

from muster.accounts.model import OutsideIdentity
from muster.accounts.oidc import OidcVerifier
from muster.accounts.oidc_exchange import Client, IssuerEndpoints, exchange
from muster.errors import InputError, Issue, NotSignedIn, Overloaded
from muster.ids import new_secret

ATTEMPT_LIFE = timedelta(minutes=10)
"""How long somebody may take at the issuer."""
CALLBACK_PATH = "/api/auth/oidc/callback"
MAX_NEXT_CHARACTERS = 2000

_AT_ONCE = 8  # each holds a thread while the issuer thinks; the rest of the house needs threads too
_MAX_CODE_CHARACTERS = 4096
_SCOPES = "openid email profile"


class Attempt(msgspec.Struct, frozen=True):
    """One sign-in under way. next: the path to go to afterwards."""

    state: str
    nonce: str
    verifier: str
    next: str

    def __repr__(self) -> str:
        return "Attempt(...)"

    def encode(self) -> str:
        """Text fit for a cookie; `decode` reads it back."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Attempt | None":
        """What `encode` wrote, None for anything else."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            return msgspec.json.decode(raw, type=cls)
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Returned:
    """What the issuer put into the address it sent the browser back to."""

    state: str | None
    code: str | None = field(default=None, repr=False)
    issuer: str | None = None
    error: str | None = None


class OidcSignIn:
    """Sign-in with one issuer; thread-safe.

    issuer: exactly as in `iss`. name: what its button says. base_url: the address people see of this house.
    Raises InputError (`settings_invalid`) as `OidcVerifier` does.
    """

    def __init__(
        self, issuer: str, client: Client, *, name: str, base_url: str, cache_seconds: float = 300
    ) -> None:
        self.name = name
        self._issuer = issuer
        self._client = client
        self._redirect_uri = f"{base_url}{CALLBACK_PATH}"
        # An ID token names the client as its audience (Core 1.0, 3.1.3.7), whatever access tokens name.
        self._verifier = OidcVerifier(issuer, client.id, cache_seconds=cache_seconds)
        self._endpoints = IssuerEndpoints(issuer, cache_seconds=cache_seconds)
        self._asking = threading.BoundedSemaphore(_AT_ONCE)

    def begin(self, next_path: str) -> tuple[str, Attempt]:
        """The issuer's address to send the browser to, and what to keep until it comes back.

        Raises InputError (`next_invalid`) unless `next_path` is a path of this house, Unavailable.
        """
        attempt = Attempt(new_secret(), new_secret(), new_secret(), own_path(next_path))
        endpoint = self._endpoints.get().authorization_endpoint
        challenge = hashlib.sha256(attempt.verifier.encode()).digest()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client.id,
                "redirect_uri": self._redirect_uri,
                "scope": _SCOPES,
                "state": attempt.state,
                "nonce": attempt.nonce,
                "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}", attempt

    def finish(self, attempt: Attempt | None, returned: Returned) -> OutsideIdentity:
        """Who the issuer says came back. attempt: from the cookie; None when it is gone.

        Raises NotSignedIn (`oidc_state_mismatch`, `oidc_refused`, or what `OidcVerifier` raises), Unavailable,
        Overloaded.
        """
        if attempt is None or not hmac.compare_digest(
            attempt.state.encode(), (returned.state or "").encode(errors="replace")
        ):
            raise NotSignedIn(
                "This sign-in did not begin in this browser, or more than ten minutes ago. Sign in again.",
                code="oidc_state_mismatch",
            )
        if returned.issuer is not None and returned.issuer != self._issuer:
            raise _refused("the answer comes from another issuer")
        if returned.error is not None or not returned.code or len(returned.code) > _MAX_CODE_CHARACTERS:
            raise _refused("the issuer said no, or you turned back there")
        if not self._asking.acquire(blocking=False):
            raise Overloaded("Too many people sign in at the moment. Try again.", retry_after_seconds=2)
        try:
            token = exchange(
                self._endpoints.get(),
                self._client,
                code=returned.code,
                verifier=attempt.verifier,
                redirect_uri=self._redirect_uri,
            )
            return self._verifier.verify(token, nonce=attempt.nonce)
        finally:
            self._asking.release()


def own_path(text: str) -> str:
    """`text` when it is a path of this house; raises InputError (`next_invalid`) for anything else.

    Browsers read `//host`, `/\\host` and a tab or line break in between as another host.
    """
    if (
        text.startswith("/")
        and not text.startswith("//")
        and "\\" not in text
        and len(text) <= MAX_NEXT_CHARACTERS
        and all("\x21" <= character <= "\x7e" for character in text)
    ):
        return text
    message = "Give a path of this server that begins with one `/`, percent-encoded, such as `/uploads`."
    raise InputError(
        message, code="next_invalid", issues=[Issue(None, "next", "/next", "next_invalid", message)]
    )


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn(f"Nobody was signed in: {why}. Sign in again.", code="oidc_refused")
