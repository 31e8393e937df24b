"""Members of a Custom Audience, through Meta's Marketing API.

Source: https://developers.facebook.com/docs/marketing-api/reference/custom-audience/users (payload, session, answer) and
https://developers.facebook.com/docs/graph-api/guides/error-handling (codes).
"""

import hashlib
import hmac
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from muster.errors import InputError, Unavailable
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

_API: Final = "https://graph.facebook.com"
_VERSION: Final = "v25.0"
_KEYS: Final = {
    Holds.EMAIL: ("EMAIL",), Holds.PHONE: ("PHONE",), Holds.FIRST_NAME: ("FN",), Holds.LAST_NAME: ("LN",),
    Holds.CITY: ("CT",), Holds.STATE: ("ST",), Holds.ZIP: ("ZIP",), Holds.COUNTRY: ("COUNTRY",),
    Holds.GENDER: ("GEN",), Holds.BIRTH_DATE: ("DOBY", "DOBM", "DOBD"), Holds.EXTERNAL_ID: ("EXTERN_ID",),
    Holds.MOBILE_ID: ("MADID",),
}  # fmt: skip
_BUSY: Final = frozenset({1, 2, 4, 17, 32, 341, 368, 613, *range(80000, 80015)})
_BUSY_SECONDS: Final = 30
_NO_SUCH_AUDIENCE: Final = 33
_BLOCKED: Final = 1713230


class MetaConnection(Settings):
    """Who asks."""

    access_token: SecretStr = Field(
        title="Access token", description="Of a system user with `ads_management` for the ad account."
    )
    app_secret: SecretStr | None = Field(
        None,
        title="App secret",
        description="Given, each request proves that it comes from the app's own server.",
    )
    api_url: str = Field(
        _API, title="Address of the API", description="Another one only for a proxy or for trials."
    )

    def secrets_are_for(self) -> str:
        return self.api_url


class CustomAudienceSettings(Settings):
    """Which audience."""

    audience_id: str = Field(pattern=r"^[0-9]{1,30}$", title="Audience id")
    limited_data_use: bool = Field(
        False, title="Limited Data Use", description="Meta processes these people's data in the limited mode."
    )


class MetaCustomAudiences(RowDestination):
    """Adds members to an audience and takes them away."""

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="meta_custom_audiences",
        title="Meta Custom Audiences",
        description="Members of a Custom Audience, hashed as Meta wants it (Marketing API).",
        takes=Takes.ROWS,
        settings=CustomAudienceSettings,
        connection=MetaConnection,
        hashing=PlatformId.META,
        batch_rows=10_000,
    )

    def check(self, call: Call) -> None:
        keys = [key for _, key in _schema(call)]
        repeated = next((key for key in keys if keys.count(key) > 1), None)
        if repeated is not None:
            raise InputError(
                f"Meta takes one {repeated} of a person; leave the second column that holds one out.",
                code="field_repeated",
            )

    def probe(self, call: Call) -> str:
        target = "me"
        if isinstance(call.settings, CustomAudienceSettings):
            target = call.settings.audience_id
        query = urlencode({"fields": "id", **_proof(call)})
        reply = ask(call, Sent(f"{_base(call)}/{target}?{query}", "GET", _bearer(call)))
        if reply.status != 200:
            raise _meaning(reply)
        return "Meta knows who asks." if target == "me" else "Meta shows the audience to who asks."

    def deliver(self, batch: Batch, call: Call) -> Receipt:
        settings = call.settings
        assert isinstance(settings, CustomAudienceSettings)  # noqa: S101 - the manifest says so
        form = {
            "payload": json_bytes(_payload(batch, call, limited=settings.limited_data_use)).decode(),
            "session": json_bytes(_session(batch)).decode(),
            **_proof(call),
        }
        method = "POST" if batch.operation is Operation.UPSERT else "DELETE"
        headers = {**_bearer(call), "Content-Type": "application/x-www-form-urlencoded"}
        url = f"{_base(call)}/{settings.audience_id}/users"
        reply = ask(call, Sent(url, method, headers, urlencode(form).encode()))
        if reply.status != 200:
            raise _meaning(reply)
        invalid = json_of(reply).get("num_invalid_entries")
        if isinstance(invalid, int) and invalid:
            raise BatchRefused(Refusal("entries_invalid", "Meta finds entries of this row invalid."))
        return Receipt()


def _schema(call: Call) -> list[tuple[str, str]]:
    """(name of the column, Meta's key) for every column; parts of one value follow each other."""
    found: list[tuple[str, str]] = []
    seen: dict[Holds, int] = {}
    for column in call.columns:
        if column.field is not None and column.field in _KEYS:
            keys = _KEYS[column.field]
            at = seen.get(column.field, 0)
            seen[column.field] = at + 1
            found.append((column.name, keys[at % len(keys)]))
    return found


def _payload(batch: Batch, call: Call, *, limited: bool) -> dict[str, Any]:
    """Keys that a row lacks are empty; columns that no row of the batch fills are left out."""
    schema = [
        (name, key) for name, key in _schema(call) if batch.rows.column(name).null_count < batch.rows.num_rows
    ]
    columns = [batch.rows.column(name).to_pylist() for name, _ in schema]
    data: list[list[Any]] = [[value or "" for value in row] for row in zip(*columns, strict=True)]
    keys = [key for _, key in schema]
    if limited:
        keys.append("DATA_PROCESSING_OPTIONS")
        data = [[*row, ["LDU"]] for row in data]
    return {"schema": keys, "data": data}


def _session(batch: Batch) -> dict[str, Any]:
    """Every batch is a session of its own, whose id is the same when it is sent again."""
    number = int.from_bytes(hashlib.sha256(batch.id.encode()).digest()[:7], "big") + 1
    return {
        "session_id": number,
        "batch_seq": 1,
        "last_batch_flag": True,
        "estimated_num_total": batch.rows.num_rows,
    }


def _proof(call: Call) -> dict[str, str]:
    kept = _connection(call)
    if kept.app_secret is None:
        return {}
    token, secret = kept.access_token.get_secret_value(), kept.app_secret.get_secret_value()
    return {"appsecret_proof": hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()}


def _bearer(call: Call) -> dict[str, str]:
    return {"Authorization": f"Bearer {_connection(call).access_token.get_secret_value()}"}


def _base(call: Call) -> str:
    return f"{_connection(call).api_url}/{_VERSION}"


def _connection(call: Call) -> MetaConnection:
    assert isinstance(call.connection, MetaConnection)  # noqa: S101 - the manifest says so
    return call.connection


def _meaning(reply: Reply) -> InputError | Unavailable | BatchRefused:
    error = json_of(reply).get("error")
    error = error if isinstance(error, dict) else {}
    code, subcode = (
        found if isinstance(found := error.get(name), int) else None for name in ("code", "error_subcode")
    )
    said = str(error.get("error_user_msg") or error.get("message") or f"Meta answered {reply.status}.")
    if code in _BUSY:
        return Unavailable(
            "Meta takes no more at the moment.",
            code="destination_unavailable",
            retry_after_seconds=_BUSY_SECONDS,
        )
    if code == 100 and subcode not in {_NO_SUCH_AUDIENCE, _BLOCKED}:
        return BatchRefused(Refusal("invalid_parameter", said))
    return InputError(f"Meta refuses this: {said.rstrip('.')}.", code="destination_refused")
