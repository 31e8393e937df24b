"""A small OpenID Connect issuer on loopback, with real keys; what it publishes can be changed while it runs."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "muster-tests"

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

    requests: the paths asked for, in order.
    """

    url: str
    private: dict[str, PrivateKey]
    keys: list[dict[str, Any]]
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

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
            return 200, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode()
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
