"""Rows as JSON to an address, in batches signed as Standard Webhooks say.

    {"type": "export.rows", "timestamp": "...", "data": {"export_id": "...", "name": "...", "batch": "...",
     "operation": "upsert", "key": ["email"], "rows": [{...}]}}

Any 2xx takes the batch. An answer {"refused": [{"row": 0, "code": "...", "message": "..."}]} refuses single rows of it, by
their place in `rows`. 400, 413 and 422 refuse the batch, which is then split; 401, 403, 404 and 410 end the export.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from pydantic import Field, SecretStr, field_validator
from standardwebhooks.webhooks import Webhook

from muster.errors import InputError
from muster.exports.asking import Sent, ask, json_bytes, json_of
from muster.exports.destination import (
    Batch,
    BatchRefused,
    Call,
    DestinationManifest,
    Receipt,
    Refusal,
    RowDestination,
    Settings,
    Takes,
)
from muster.web.outgoing.addresses import AddressRefused, parse_url
from muster.web.outgoing.caller import OWN_HEADERS, Reply

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_SIGNED: Final = frozenset({"content-type", "webhook-id", "webhook-timestamp", "webhook-signature"})
_SECRET_BYTES: Final = range(24, 65)
_NO_USE: Final = {
    401: "refuses who asks; check the headers and the secret of the connection",
    403: "refuses who asks; check the headers and the secret of the connection",
    404: "is not there; check the address of the connection",
    405: "does not take POST; check the address of the connection",
    410: "is gone; it wants nothing more from here",
}


class HttpConnection(Settings):
    """Where batches go, and how they are signed."""

    url: str = Field(max_length=4000, title="Address", description="https address that takes POST.")
    secret: SecretStr | None = Field(
        None,
        title="Signing secret",
        description="`whsec_` and 24 to 64 random bytes in base64; batches are signed with it (Standard Webhooks).",
    )
    header_name: str | None = Field(
        None, title="Header", description="One more header that is sent, such as `Authorization`."
    )
    header_value: SecretStr | None = Field(None, title="Its value")

    def secrets_are_for(self) -> str:
        return parse_url(self.url, allow_private=True)[0].origin

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        try:
            # Whether the own network may be called is the operator's word; it is asked when the call is made.
            parse_url(url, allow_private=True)
        except AddressRefused as error:
            raise ValueError(str(error)) from error
        return url

    @field_validator("secret")
    @classmethod
    def _is_a_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            try:
                size = len(base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True))
            except ValueError as error:
                raise ValueError("Write `whsec_` and base64.") from error
            if size not in _SECRET_BYTES:
                raise ValueError("The secret has 24 to 64 bytes.")
        return secret

    @field_validator("header_name")
    @classmethod
    def _is_a_header(cls, name: str | None) -> str | None:
        if name is not None and (not _TOKEN.fullmatch(name) or name.lower() in OWN_HEADERS | _SIGNED):
            raise ValueError("This header cannot be set.")
        return name

    @field_validator("header_value")
    @classmethod
    def _is_one_line(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().isprintable():
            raise ValueError("Write it without line ends and control characters.")
        return value


class HttpSettings(Settings):
    """How much goes at once."""

    batch_rows: int = Field(1000, ge=1, le=5000, title="Rows in a batch")


class Http(RowDestination):
    """Posts batches."""

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="http",
        title="HTTP endpoint",
        description="Batches of rows as JSON to an address of yours, signed and retried.",
        takes=Takes.ROWS,
        settings=HttpSettings,
        connection=HttpConnection,
        batch_rows=5000,
    )

    def probe(self, call: Call) -> str:
        """Posts an event of type `export.probe` without rows."""
        reply = self._post(call, f"{call.export_id}-probe", {"type": "export.probe", "data": {}})
        if not 200 <= reply.status < 300:
            raise _refused_for_good(f"answered {reply.status}")
        return f"The address answered {reply.status}."

    def batch_rows(self, call: Call) -> int:
        assert isinstance(call.settings, HttpSettings)  # noqa: S101 - the manifest says so
        return call.settings.batch_rows

    def deliver(self, batch: Batch, call: Call) -> Receipt:
        data = {
            "export_id": call.export_id,
            "name": call.name,
            "batch": batch.id,
            "operation": batch.operation.value,
            "key": [column.name for column in call.columns if column.is_key],
            "rows": batch.rows.to_pylist(),
        }
        reply = self._post(call, batch.id, {"type": "export.rows", "data": data})
        if 200 <= reply.status < 300:
            return Receipt(_refused_rows(reply, batch.rows.num_rows))
        if reply.status in {400, 413, 422}:
            raise BatchRefused(Refusal(f"http_{reply.status}", _words(reply)))
        raise _refused_for_good(_NO_USE.get(reply.status, f"answered {reply.status}"))

    def _post(self, call: Call, name: str, event: Mapping[str, Any]) -> Reply:
        kept = call.connection
        assert isinstance(kept, HttpConnection)  # noqa: S101 - the manifest says so
        now = datetime.now(UTC)
        body = json_bytes({**event, "timestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z")})
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if kept.secret is not None:
            signer = Webhook(kept.secret.get_secret_value())
            headers["webhook-signature"] = signer.sign(name, now, body.decode())
        if kept.header_name is not None and kept.header_value is not None:
            headers[kept.header_name] = kept.header_value.get_secret_value()
        return ask(call, Sent(kept.url, "POST", headers, body))


def _refused_rows(reply: Reply, rows: int) -> dict[int, Refusal]:
    found: dict[int, Refusal] = {}
    listed = json_of(reply).get("refused", ())
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and isinstance(each.get("row"), int) and 0 <= each["row"] < rows:
            code = str(each.get("code") or "row_refused")[:60]
            found[each["row"]] = Refusal(code, str(each.get("message") or "The endpoint refused this row."))
    return found


def _words(reply: Reply) -> str:
    said = json_of(reply).get("message")
    return str(said) if said else f"The endpoint answered {reply.status}."


def _refused_for_good(what: str) -> InputError:
    return InputError(f"The endpoint {what}.", code="destination_refused")
