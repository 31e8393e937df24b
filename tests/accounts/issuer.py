"""A small OpenID Connect issuer on loopback, with real keys; what it publishes can be changed while it runs."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "muster-tests"
CLIENT_ID = "muster:studio"
CLIENT_SECRET = "s3cret & more"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def public_jwk(key: PrivateKey, key_id: str, **members: str) -> dict[str, Any]:
    """The key's public half as a JSON Web Key."""
    if isinstance(key, rsa.RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": key_id, "use": "sig", **members}


@dataclass
class Issuer:
    """url: its `iss`. keys: what it publishes. answers: replaces the answer of a path by (status, body).

    requests: the paths asked for, in order. codes: what was agreed at the authorization endpoint for each
    code not spent yet. id_claims: what the next ID token says differently. secret: None takes public clients.
    """

    url: str
    private: dict[str, PrivateKey]
    keys: list[dict[str, Any]]
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    id_claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    secret: str | None = CLIENT_SECRET

    def agree(self, address: str) -> str:
        """A person signs in at the authorization endpoint; the address the browser is sent back to."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def give_token(self, authorization: str | None, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint, as strict as RFC 6749 and RFC 7636 allow; a code is good for one try."""
        if not self._knows(authorization, form):
            return 401, {"error": "invalid_client"}
        agreed = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            agreed is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != agreed["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != agreed["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        claims = {"aud": CLIENT_ID, "nonce": agreed["nonce"], **self.id_claims}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.token(**claims)}

    def _knows(self, authorization: str | None, form: dict[str, str]) -> bool:
        if self.secret is None:
            return authorization is None and form.get("client_id") == CLIENT_ID
        if authorization is None:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, self.secret)
        # Each half is form-encoded before they are joined (RFC 6749, 2.3.1).
        pair = f"{urlencode({'': CLIENT_ID})[1:]}:{urlencode({'': self.secret})[1:]}"
        return authorization == f"Basic {base64.b64encode(pair.encode()).decode()}"

    def token(
        self, *, key_id: str = "rsa", algorithm: str = "RS256", header: Any = None, **claims: Any
    ) -> str:
        """A JWT signed by one of the private keys; a claim given as None is left out."""
        return jwt.encode(
            self.claims(**claims), self.private[key_id], algorithm, headers={"kid": key_id, **(header or {})}
        )

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 300,
            "email": "person@example.org",
            "email_verified": True,
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def answer(self, path: str) -> tuple[int, bytes]:
        self.requests.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            known = {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            }
            return 200, json.dumps({**known, **self.discovery}).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        return 404, b"{}"


@contextmanager
def running_issuer(private: dict[str, PrivateKey]) -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{issuer.url}/keys")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            issuer.requests.append(self.path)
            if self.path in issuer.answers:
                status, answer = issuer.answers[self.path]
            else:
                form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
                status, given = issuer.give_token(self.headers.get("Authorization"), form)
                answer = json.dumps(given).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer = Issuer(
        f"http://127.0.0.1:{server.server_address[1]}",
        private,
        [public_jwk(key, key_id) for key_id, key in private.items()],
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
