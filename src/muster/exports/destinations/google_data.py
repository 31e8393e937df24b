"""Members of a Customer Match audience, through Google's Data Manager API.

Source: https://developers.google.com/data-manager/api/reference/rest/v1/audienceMembers and its page on errors: a request
with one bad member fails as a whole, and the error names the member.
"""

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field, SecretStr, field_validator

from muster.errors import InputError
from muster.exports.asking import Sent, ask, json_bytes, json_of
from muster.exports.destination import (
    Batch,
    BatchRefused,
    Call,
    DestinationManifest,
    Operation,
    Receipt,
    Refusal,
    RowDestination,
    Settings,
    Takes,
)
from muster.exports.platforms.fields import Field as Holds
from muster.exports.platforms.fields import PlatformId
from muster.web.outgoing.caller import Reply

_API: Final = "https://datamanager.googleapis.com"
_SCOPE: Final = "https://www.googleapis.com/auth/datamanager"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_SECONDS: Final = 3600
_EARLY_SECONDS: Final = 300
_MEMBER: Final = re.compile(r"audience_?members\[(\d+)\]", re.IGNORECASE)
_ADDRESS: Final = {
    Holds.FIRST_NAME: "givenName", Holds.LAST_NAME: "familyName", Holds.COUNTRY: "regionCode", Holds.ZIP: "postalCode",
}  # fmt: skip
_OF_ROWS: Final = frozenset(
    {
        "INVALID_AUDIENCE_MEMBER", "INVALID_SHA256_FORMAT", "INVALID_HEX_ENCODING", "INVALID_POSTAL_CODE",
        "INVALID_COUNTRY_CODE", "INVALID_FORMAT", "TOO_MANY_USER_IDENTIFIERS",
    }
)  # fmt: skip
"""Reasons that some member is to blame for; any other holds whoever is in the request."""


class GoogleConnection(Settings):
    """Who asks: a service account with access to the audience's account."""

    service_account: SecretStr = Field(
        title="Service account key", description="The JSON file Google gave for the service account, whole."
    )
    api_url: str = Field(
        _API, title="Address of the API", description="Another one only for a proxy or for trials."
    )

    def secrets_are_for(self) -> str:
        return self.api_url

    @field_validator("service_account")
    @classmethod
    def _is_a_key(cls, secret: SecretStr) -> SecretStr:
        _key_of(secret)
        return secret


class AudienceSettings(Settings):
    """Which audience, and on what terms."""

    account_id: str = Field(pattern=r"^[0-9]{1,20}$", title="Customer id", description="Without hyphens.")
    audience_id: str = Field(pattern=r"^[0-9]{1,20}$", title="Audience id")
    login_account_id: str | None = Field(
        None, pattern=r"^[0-9]{1,20}$", title="Manager account", description="If access comes through one."
    )
    account_type: str = Field("GOOGLE_ADS", pattern=r"^[A-Z0-9_]{1,60}$", title="Product of the account")
    consent_granted: bool = Field(
        False,
        title="Consent",
        description="These people agreed to ads data use and personalisation; said to Google with each request.",
    )
    terms_accepted: bool = Field(
        False, title="Customer Match terms", description="You accepted Google's terms for Customer Match."
    )


class GoogleDataManager(RowDestination):
    """Adds members to an audience and takes them away."""

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="google_data_manager",
        title="Google Customer Match",
        description="Members of a Customer Match audience, hashed as Google wants it (Data Manager API).",
        takes=Takes.ROWS,
        settings=AudienceSettings,
        connection=GoogleConnection,
        hashing=PlatformId.GOOGLE,
        batch_rows=10_000,
    )

    def check(self, call: Call) -> None:
        if not _settings(call).terms_accepted:
            raise InputError(
                "Set `terms_accepted` once you accepted Google's terms for Customer Match; without it nothing is taken.",
                code="terms_not_accepted",
            )

    def probe(self, call: Call) -> str:
        _Token.of(call).text(call)
        return "Google gave the service account a token."

    def deliver(self, batch: Batch, call: Call) -> Receipt:
        settings = _settings(call)
        verb = "ingest" if batch.operation is Operation.UPSERT else "remove"
        body: dict[str, Any] = {
            "destinations": [_destination(settings)],
            "audienceMembers": [{"userData": {"userIdentifiers": each}} for each in _members(batch, call)],
            "encoding": "HEX",
            "validateOnly": False,
        }
        if batch.operation is Operation.UPSERT:
            if settings.consent_granted:
                body["consent"] = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
            body["termsOfService"] = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
        headers = {
            "Authorization": f"Bearer {_Token.of(call).text(call)}",
            "Content-Type": "application/json",
        }
        url = f"{_connection(call).api_url}/v1/audienceMembers:{verb}"
        reply = ask(call, Sent(url, "POST", headers, json_bytes(body)))
        if reply.status == 200:
            return Receipt()
        raise _meaning(reply)


def _destination(settings: AudienceSettings) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operatingAccount": {"accountType": settings.account_type, "accountId": settings.account_id},
        "productDestinationId": settings.audience_id,
    }
    if settings.login_account_id is not None:
        found["loginAccount"] = {
            "accountType": settings.account_type,
            "accountId": settings.login_account_id,
        }
    return found


def _members(batch: Batch, call: Call) -> Iterator[list[dict[str, Any]]]:
    """For each row its identifiers; an address only when it is whole."""
    fields = [(column.name, column.field) for column in call.columns]
    for row in batch.rows.to_pylist():
        identifiers: list[dict[str, Any]] = []
        address: dict[str, str] = {}
        for name, holds in fields:
            value = row.get(name)
            if not value:
                continue
            if holds is Holds.EMAIL:
                identifiers.append({"emailAddress": value})
            elif holds is Holds.PHONE:
                identifiers.append({"phoneNumber": value})
            elif holds in _ADDRESS:
                address.setdefault(_ADDRESS[holds], value)
        if len(address) == len(_ADDRESS):
            identifiers.append({"address": address})
        yield identifiers


class _Token:
    """An access token of the service account, asked for anew before it ends."""

    def __init__(self) -> None:
        self._text = ""
        self._until = 0.0

    @classmethod
    def of(cls, call: Call) -> "_Token":
        return call.resource("token", cls)

    def close(self) -> None:
        self._text = ""

    def text(self, call: Call) -> str:
        """Raises InputError (`destination_refused`) when Google does not know the account, Unavailable."""
        if not self._text or time.monotonic() >= self._until:
            key = _key_of(_connection(call).service_account)
            body = urlencode({"grant_type": _GRANT, "assertion": _assertion(key)}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            reply = ask(call, Sent(key["token_uri"], "POST", headers, body))
            answer = json_of(reply)
            if reply.status != 200 or not isinstance(answer.get("access_token"), str):
                raise InputError(
                    "Google refuses the service account; check its key, and that it has access.",
                    code="destination_refused",
                )
            self._text = answer["access_token"]
            seconds = answer.get("expires_in")
            lasts = seconds if isinstance(seconds, int) else _TOKEN_SECONDS
            self._until = time.monotonic() + max(60, lasts - _EARLY_SECONDS)
        return self._text


def _assertion(key: Mapping[str, Any]) -> str:
    """A signed statement of who asks (RFC 7523)."""
    now = int(time.time())
    claims = {
        "iss": key["client_email"],
        "scope": _SCOPE,
        "aud": key["token_uri"],
        "iat": now,
        "exp": now + _TOKEN_SECONDS,
    }
    parts = [_base64url(json_bytes(part)) for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signed = ".".join(parts)
    private = load_pem_private_key(key["private_key"].encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - `_key_of` says so
    return f"{signed}.{_base64url(private.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _key_of(secret: SecretStr) -> Mapping[str, Any]:
    """The file's members. Raises ValueError for what is no key of a service account."""
    try:
        key = json.loads(secret.get_secret_value())
        texts = [key[name] for name in ("client_email", "private_key", "token_uri")]
        is_rsa = isinstance(load_pem_private_key(texts[1].encode(), None), rsa.RSAPrivateKey)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("Give the whole JSON file of the service account's key.") from error
    if not is_rsa or not all(isinstance(text, str) and text for text in texts):
        raise ValueError("Give the whole JSON file of the service account's key.")
    found: Mapping[str, Any] = key
    return found


def _meaning(reply: Reply) -> InputError | BatchRefused:
    error = json_of(reply).get("error")
    error = error if isinstance(error, dict) else {}
    message = str(error.get("message") or f"Google answered {reply.status}.")
    details = _objects(error.get("details"))
    reasons = {str(each["reason"]) for each in details if "reason" in each}
    violations = [violation for each in details for violation in _objects(each.get("fieldViolations"))]
    reasons |= {str(violation["reason"]) for violation in violations if "reason" in violation}
    named = [_MEMBER.search(str(violation.get("field", ""))) for violation in violations]
    rows = sorted({int(match[1]) for match in named if match})
    if reply.status == 400 and (rows or reasons & _OF_ROWS):
        code = next(iter(sorted(reasons)), "INVALID_ARGUMENT").lower()
        said = next((str(v["description"]) for v in violations if "description" in v), message)
        return BatchRefused(Refusal(code[:60], said), rows)
    return InputError(f"Google refuses this: {message.rstrip('.')}.", code="destination_refused")


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list of somebody else's; none when it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _settings(call: Call) -> AudienceSettings:
    assert isinstance(call.settings, AudienceSettings)  # noqa: S101 - the manifest says so
    return call.settings


def _connection(call: Call) -> GoogleConnection:
    assert isinstance(call.connection, GoogleConnection)  # noqa: S101 - the manifest says so
    return call.connection
