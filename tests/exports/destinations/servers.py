"""Servers on loopback that stand for destinations, and refuse whatever the real ones are documented to refuse."""

import base64
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

HEX = re.compile(r"[0-9a-f]{64}")
Answer = tuple[int, Any]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: found[0] for name, found in parse_qs(self.body.decode(), strict_parsing=True).items()}


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """Answer requests with JSON while the block lasts; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            parts = urlsplit(self.path)
            asked = Asked(
                self.command,
                parts.path,
                parse_qs(parts.query),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            status, body = answer(asked)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - the base class calls them so

        def log_message(self, *_args: object) -> None:
            """Nothing: a test says what matters."""

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed resets its connection, which is no news; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class Endpoint:
    """Takes signed batches as `destinations/http.py` documents them. rows: by the first column of the key."""

    secret: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)
    picky: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        try:
            event = Webhook(self.secret).verify(asked.body, asked.headers)
        except WebhookVerificationError as error:
            self.mistakes.append(str(error))
            return 401, {"message": "not signed"}
        if asked.headers.get("content-type") != "application/json" or "." in asked.headers["webhook-id"]:
            self.mistakes.append("headers")
        if self.statuses:
            return self.statuses.pop(0), {"message": "told to"}
        if event["type"] == "export.probe":
            return 200, {}
        data = event["data"]
        if set(data) != {"export_id", "name", "batch", "operation", "key", "rows"}:
            self.mistakes.append("members")
        if data["batch"] != asked.headers["webhook-id"]:
            self.mistakes.append("batch")
        key = data["key"][0]
        if any(row[key] in self.bad for row in data["rows"]):
            return 422, {"message": "a row is bad"}
        refused = []
        for at, row in enumerate(data["rows"]):
            if row[key] in self.picky:
                refused.append({"row": at, "code": "picky", "message": f"not {row[key]}"})
            elif data["operation"] == "upsert":
                self.rows[row[key]] = row
            else:
                self.rows.pop(row[key], None)
        return 200, {"refused": refused}


@cache
def _private_key() -> rsa.RSAPrivateKey:
    """One for all tests: making it takes longer than they do."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_service_account(token_uri: str) -> tuple[str, rsa.RSAPublicKey]:
    """The JSON file Google gives for a service account, and what checks its signatures."""
    private = _private_key()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = {
        "type": "service_account",
        "client_email": "muster@project.example.com",
        "private_key": pem,
        "token_uri": token_uri,
    }
    return json.dumps(key), private.public_key()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@dataclass
class Google:
    """The token endpoint and the two methods of the Data Manager API; a request with one bad member fails whole."""

    public: rsa.RSAPublicKey | None = None
    address: str = ""
    members: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization") != "Bearer ya29.token":
            return 401, _google_error(401, "UNAUTHENTICATED", "no token")
        if self.statuses:
            status = self.statuses.pop(0)
            return status, _google_error(status, "UNAVAILABLE", "told to")
        verb = asked.path.removeprefix("/v1/audienceMembers:")
        if asked.method != "POST" or verb not in {"ingest", "remove"}:
            return 404, _google_error(404, "NOT_FOUND", "no such method")
        body = asked.json
        self.bodies.append(body)
        wrong = _wrong_google(body, verb)
        if wrong:
            return 400, _google_error(400, "INVALID_ARGUMENT", wrong)
        violations = [
            {
                "field": f"audience_members.audience_members[{at}].user_data.user_identifiers[0]",
                "description": "The value is not valid.",
                "reason": "INVALID_SHA256_FORMAT",
            }
            for at, member in enumerate(body["audienceMembers"])
            if set(_identifiers(member)) & self.bad
        ]
        if violations:
            details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
            return 400, _google_error(400, "INVALID_ARGUMENT", "invalid members", details)
        for member in body["audienceMembers"]:
            for each in _identifiers(member):
                (self.members.add if verb == "ingest" else self.members.discard)(each)
        return 200, {"requestId": f"req-{len(self.bodies)}"}

    def _token(self, asked: Asked) -> Answer:
        form = asked.form
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        header, claims, signature = form["assertion"].split(".")
        assert json.loads(_decoded(header)) == {"alg": "RS256", "typ": "JWT"}
        said = json.loads(_decoded(claims))
        assert self.public is not None
        try:
            self.public.verify(
                _decoded(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            return 400, {"error": "invalid_grant"}
        assert said["scope"] == "https://www.googleapis.com/auth/datamanager"
        assert said["aud"] == f"{self.address}/token"
        assert 0 < said["exp"] - said["iat"] <= 3600
        self.tokens += 1
        return 200, {"access_token": "ya29.token", "expires_in": 3599, "token_type": "Bearer"}


def _wrong_google(body: dict[str, Any], verb: str) -> str:
    """What the request itself gets wrong, by the reference of the API; empty when it is right."""
    allowed = {"destinations", "audienceMembers", "encoding", "validateOnly"}
    if verb == "ingest":
        allowed |= {"consent", "termsOfService"}
        if body.get("termsOfService") != {"customerMatchTermsOfServiceStatus": "ACCEPTED"}:
            return "terms"
        if set(body.get("consent", {}).values()) - {"CONSENT_GRANTED"}:
            return "consent"
    if body.keys() - allowed or body.get("encoding") != "HEX" or body.get("validateOnly") is not False:
        return "members of the request"
    for destination in body["destinations"]:
        if destination.keys() - {"operatingAccount", "loginAccount", "linkedAccount", "productDestinationId"}:
            return "destination"
        if set(destination["operatingAccount"]) != {"accountType", "accountId"}:
            return "operating account"
    if not 1 <= len(body["audienceMembers"]) <= 10_000:
        return "number of members"
    for member in body["audienceMembers"]:
        identifiers = member["userData"]["userIdentifiers"]
        if set(member) != {"userData"} or not 1 <= len(identifiers) <= 10:
            return "user data"
        for each in identifiers:
            ((kind, value),) = each.items()
            if kind in {"emailAddress", "phoneNumber"}:
                if not HEX.fullmatch(value):
                    return kind
            elif kind != "address" or set(value) != {"givenName", "familyName", "regionCode", "postalCode"}:
                return "identifier"
            elif not (HEX.fullmatch(value["givenName"]) and HEX.fullmatch(value["familyName"])):
                return "names"
            elif not re.fullmatch(r"[A-Z]{2}", value["regionCode"]):
                return "region"
    return ""


def _identifiers(member: dict[str, Any]) -> list[str]:
    found = []
    for each in member["userData"]["userIdentifiers"]:
        found += [value for value in each.values() if isinstance(value, str)]
    return found


def _google_error(code: int, status: str, message: str, details: list[Any] | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message, "details": details or []}}


META_KEYS = {
    "EMAIL", "PHONE", "FN", "LN", "CT", "ST", "ZIP", "COUNTRY", "GEN", "DOBY", "DOBM", "DOBD", "EXTERN_ID", "MADID",
    "DATA_PROCESSING_OPTIONS",
}  # fmt: skip
UNHASHED = {"EXTERN_ID", "MADID", "DATA_PROCESSING_OPTIONS"}


@dataclass
class Meta:
    """`/{audience}/users` of the Marketing API."""

    token: str
    members: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)
    errors: list[dict[str, Any]] = field(default_factory=list)
    payloads: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 400, _meta_error(190, "Invalid OAuth access token.")
        if asked.method == "GET":
            return 200, {"id": asked.path.rpartition("/")[2]}
        if self.errors:
            return 400, {"error": self.errors.pop(0)}
        if not re.fullmatch(r"/v\d+\.\d+/4711/users", asked.path):
            return 400, _meta_error(100, "Object with ID does not exist.", 33)
        form = asked.form
        self.forms.append(form)
        payload, session = json.loads(form["payload"]), json.loads(form["session"])
        wrong = self._wrong(payload, session)
        if wrong:
            return 400, _meta_error(100, wrong)
        self.payloads.append(payload)
        self.sessions.append(session["session_id"])
        emails = [row[payload["schema"].index("EMAIL")] for row in payload["data"]]
        if self.bad & set(emails):
            return 400, _meta_error(100, "Invalid parameter")
        for email in emails:
            (self.members.add if asked.method == "POST" else self.members.discard)(email)
        return 200, {
            "audience_id": "4711",
            "session_id": str(session["session_id"]),
            "num_received": len(emails),
            "num_invalid_entries": 0,
            "invalid_entry_samples": {},
        }

    def _wrong(self, payload: dict[str, Any], session: dict[str, Any]) -> str:
        if set(payload) != {"schema", "data"} or not set(payload["schema"]) <= META_KEYS:
            return "payload"
        if len(payload["schema"]) != len(set(payload["schema"])) or not 1 <= len(payload["data"]) <= 10_000:
            return "schema"
        if set(session) != {"session_id", "batch_seq", "last_batch_flag", "estimated_num_total"}:
            return "session"
        if not 0 < session["session_id"] < 2**63 or session["estimated_num_total"] != len(payload["data"]):
            return "session numbers"
        for row in payload["data"]:
            if len(row) != len(payload["schema"]):
                return "row"
            for key, value in zip(payload["schema"], row, strict=True):
                if key not in UNHASHED and value != "" and not HEX.fullmatch(value):
                    return f"{key} is not hashed"
        return ""


def _meta_error(code: int, message: str, subcode: int | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "x"}
    if subcode is not None:
        error["error_subcode"] = subcode
    return {"error": error}
