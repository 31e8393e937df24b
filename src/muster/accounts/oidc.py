"""Verify JWTs of one configured OpenID Connect issuer.

Only signatures that need a private key to make are accepted, and each key only with the algorithms of its
own type: this closes `alg: none` and the trick of signing with HMAC and the public key as secret.
Source: RFC 8725 (JWT best current practices), 3.1 to 3.10.
"""

import hmac
from collections.abc import Mapping
from typing import Any

import jwt

from muster.accounts.jwks import FAILURE_SECONDS, UNKNOWN_KEY_SECONDS, IssuerKeys, Jwk
from muster.accounts.model import OutsideIdentity, Scope, known_scopes
from muster.errors import InputError, NotSignedIn

LEEWAY_SECONDS = 30
"""How far the issuer's clock and ours may be apart."""

_KEY_SHAPES: Mapping[str, tuple[str, tuple[str, ...] | None]] = {
    # algorithm: key type, and the curves it may be used with (RFC 7518, 3.1; RFC 8037, 3.1)
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", ("P-256",)),
    "ES384": ("EC", ("P-384",)),
    "ES512": ("EC", ("P-521",)),
    "EdDSA": ("OKP", ("Ed25519", "Ed448")),
}
ALGORITHMS = tuple(_KEY_SHAPES)

_MAX_SUBJECT_CHARACTERS = 255  # OpenID Connect Core 1.0, section 2


class OidcVerifier:
    """Checks tokens against the issuer's current keys; thread-safe.

    issuer: exactly as in `iss`. audience: what `aud` must name. cache_seconds: how long keys are cached.
    Raises InputError (`settings_invalid`) for an issuer that is no address or an empty audience.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        cache_seconds: float = 300,
        unknown_key_seconds: float = UNKNOWN_KEY_SECONDS,
        failure_seconds: float = FAILURE_SECONDS,
    ) -> None:
        if not issuer.startswith(("https://", "http://")) or not audience:
            raise InputError(
                "MUSTER_OIDC_ISSUER is an address that begins with https://, and MUSTER_OIDC_AUDIENCE goes "
                "with it: without an audience, tokens meant for other applications would count here.",
                code="settings_invalid",
            )
        self._issuer = issuer
        self._audience = audience
        self._keys = IssuerKeys(
            issuer,
            cache_seconds=cache_seconds,
            unknown_key_seconds=unknown_key_seconds,
            failure_seconds=failure_seconds,
        )

    def verify(self, token: str, *, nonce: str | None = None) -> OutsideIdentity:
        """Who the issuer says is asking.

        nonce: for the ID token of a browser's sign-in, what it must repeat; such a token must not be meant
        for another client as well (OpenID Connect Core 1.0, 3.1.3.7).
        Raises NotSignedIn (`jwt_refused`, or `jwt_expired`) and Unavailable (`issuer_unavailable`).
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as error:
            raise _refused("it is not a well-formed JWT") from error
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in _KEY_SHAPES:
            raise _refused("its algorithm is not accepted here")
        fitting = [key for key in self._keys.candidates(key_id) if fits(key, algorithm)]
        if not fitting:
            raise _refused("it is signed by a key the issuer does not publish")
        claims: dict[str, Any] | None = None
        for key in fitting:
            claims = self._claims(token, key, algorithm)
            if claims is not None:
                break
        if claims is None:
            raise _refused("its signature is wrong")
        if nonce is not None:
            _check_id_token(claims, nonce, self._audience)
        return identity_of(claims, self._issuer)

    def _claims(self, token: str, key: Jwk, algorithm: str) -> dict[str, Any] | None:
        """The verified claims; None when this key did not sign the token."""
        try:
            return jwt.decode(
                token,
                key=jwt.PyJWK(dict(key), algorithm=algorithm),
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
        except (jwt.InvalidSignatureError, jwt.InvalidKeyError, jwt.PyJWKError):
            return None
        except jwt.ExpiredSignatureError as error:
            raise NotSignedIn("This token has expired. Get a new one.", code="jwt_expired") from error
        except jwt.ImmatureSignatureError as error:
            raise _refused("it is not valid yet") from error
        except jwt.InvalidAudienceError as error:
            raise _refused("it is meant for another audience") from error
        except jwt.InvalidIssuerError as error:
            raise _refused("it comes from another issuer") from error
        except jwt.InvalidTokenError as error:
            raise _refused("a claim is missing or malformed") from error


def _check_id_token(claims: Mapping[str, Any], nonce: str, client_id: str) -> None:
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise _refused("it belongs to another sign-in")
    if isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1 and "azp" not in claims:
        raise _refused("it is meant for several applications and does not say for which")
    if claims.get("azp", client_id) != client_id:
        raise _refused("it was given to another application")


def fits(key: Jwk, algorithm: str) -> bool:
    """Whether a published key may verify signatures of `algorithm`."""
    key_type, curves = _KEY_SHAPES[algorithm]
    return (
        key.get("kty") == key_type
        and (curves is None or key.get("crv") in curves)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )


def identity_of(claims: Mapping[str, Any], issuer: str) -> OutsideIdentity:
    """What verified claims say about the bearer; raises NotSignedIn for a subject nobody could store."""
    subject = claims.get("sub")
    if (
        not isinstance(subject, str)
        or not 1 <= len(subject) <= _MAX_SUBJECT_CHARACTERS
        or not subject.isprintable()
    ):
        raise _refused("its subject is malformed")
    email = claims.get("email")
    verified = claims.get("email_verified")
    return OutsideIdentity(
        issuer=issuer,
        subject=subject,
        email=email if isinstance(email, str) else None,
        # Some issuers send the words instead of the values.
        email_verified={True: True, False: False, "true": True, "false": False}.get(verified)
        if isinstance(verified, bool | str)
        else None,
        scopes=_scopes_named(claims.get("scope")),
    )


def _scopes_named(scope: object) -> frozenset[Scope]:
    if isinstance(scope, str):
        return known_scopes(scope.split())
    return known_scopes(scope) if isinstance(scope, list) else frozenset()


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn(f"This token is refused: {why}. Get a new one from the issuer.", code="jwt_refused")
