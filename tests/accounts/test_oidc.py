"""JWTs of the configured issuer pass; forged, foreign, stale and confused ones do not."""

import base64
import hashlib
import hmac
import json
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from muster.accounts.model import Scope
from muster.accounts.oidc import OidcVerifier, fits, identity_of
from muster.errors import InputError, NotSignedIn, Unavailable
from tests.accounts.issuer import AUDIENCE, Issuer, PrivateKey, public_jwk, running_issuer


@pytest.fixture(scope="session")
def private_keys() -> dict[str, PrivateKey]:
    return {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "ec384": ec.generate_private_key(ec.SECP384R1()),
        "ed": ed25519.Ed25519PrivateKey.generate(),
    }


@pytest.fixture
def issuer(private_keys: dict[str, PrivateKey]) -> Iterator[Issuer]:
    with running_issuer(dict(private_keys)) as issuer:
        yield issuer


@pytest.fixture
def verifier(issuer: Issuer) -> OidcVerifier:
    return OidcVerifier(issuer.url, AUDIENCE, failure_seconds=0)


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims)}.{signature}"


def hmac_with_public_key(issuer: Issuer) -> str:
    """The classic confusion: the public key, which everybody has, used as an HMAC secret."""
    public = issuer.private["rsa"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = unsigned({"alg": "HS256", "typ": "JWT", "kid": "rsa"}, issuer.claims()).rstrip(".")
    mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def tampered(issuer: Issuer) -> str:
    header, _, signature = issuer.token().split(".")
    _, payload, _ = unsigned({}, issuer.claims(sub="somebody else")).split(".")
    return f"{header}.{payload}.{signature}"


def by_a_stranger(issuer: Issuer) -> str:
    stranger = rsa.generate_private_key(65537, 2048)
    return jwt.encode(issuer.claims(), stranger, "RS256", headers={"kid": "rsa"})


def with_its_own_key(issuer: Issuer) -> str:
    """Brings its key along in the header, in every way RFC 7515 knows."""
    stranger = rsa.generate_private_key(65537, 2048)
    jwk = public_jwk(stranger, "rsa")
    headers = {"kid": "rsa", "jwk": jwk, "jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/"}
    return jwt.encode(issuer.claims(), stranger, "RS256", headers=headers)


HOUR = 3600
HOSTILE: dict[str, Callable[[Issuer], str]] = {
    "alg none": lambda i: unsigned({"alg": "none", "kid": "rsa"}, i.claims()),
    "alg NoNe": lambda i: unsigned({"alg": "NoNe", "kid": "rsa"}, i.claims()),
    "alg missing": lambda i: unsigned({"kid": "rsa"}, i.claims(), "AAAA"),
    "alg a list": lambda i: unsigned({"alg": ["RS256"], "kid": "rsa"}, i.claims(), "AAAA"),
    "alg null": lambda i: unsigned({"alg": None, "kid": "rsa"}, i.claims(), "AAAA"),
    "signature removed": lambda i: i.token().rpartition(".")[0] + ".",
    "HMAC with the public key": hmac_with_public_key,
    "tampered claims": tampered,
    "a stranger's key under our id": by_a_stranger,
    "key in the header": with_its_own_key,
    "unknown key id": lambda i: i.token(header={"kid": "who"}),
    "key id not text": lambda i: unsigned({"alg": "RS256", "kid": {"a": 1}}, i.claims(), "AAAA"),
    "EC token under the RSA key's id": lambda i: i.token(
        key_id="ec", algorithm="ES256", header={"kid": "rsa"}
    ),
    "RSA token under the EC key's id": lambda i: i.token(header={"kid": "ec"}),
    "wrong audience": lambda i: i.token(aud="another application"),
    "no audience": lambda i: i.token(aud=None),
    "audience not text": lambda i: i.token(aud=[1, AUDIENCE]),
    "wrong issuer": lambda i: i.token(iss="https://evil.example.org"),
    "issuer with a slash more": lambda i: i.token(iss=i.url + "/"),
    "no issuer": lambda i: i.token(iss=None),
    "expired": lambda i: i.token(exp=int(time.time()) - HOUR),
    "never expires": lambda i: i.token(exp=None),
    "end not a number": lambda i: i.token(exp="tomorrow"),
    "end infinite": lambda i: i.token(exp=float("inf")),
    "not yet valid": lambda i: i.token(nbf=int(time.time()) + HOUR),
    "issued in the future": lambda i: i.token(iat=int(time.time()) + HOUR),
    "no subject": lambda i: i.token(sub=None),
    "empty subject": lambda i: i.token(sub=""),
    "subject with NUL": lambda i: i.token(sub="a\0b"),
    "endless subject": lambda i: i.token(sub="x" * 256),
    "unknown critical extension": lambda i: i.token(header={"crit": ["exp2"], "exp2": 1}),
    "not base64": lambda _: "!!!.???.###",
    "empty parts": lambda _: "..",
    "claims a list": lambda _: unsigned({"alg": "RS256", "kid": "rsa"}, [], "AAAA"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_token_is_refused(
    issuer: Issuer, verifier: OidcVerifier, make: Callable[[Issuer], str]
) -> None:
    with pytest.raises(NotSignedIn):
        verifier.verify(make(issuer))
    assert verifier.verify(issuer.token()).subject == "subject-1"


@pytest.mark.parametrize(
    ("key_id", "algorithm"),
    [
        ("rsa", "RS256"), ("rsa", "RS384"), ("rsa", "RS512"), ("rsa", "PS256"), ("rsa", "PS384"), ("rsa", "PS512"),
        ("ec", "ES256"), ("ec384", "ES384"), ("ed", "EdDSA"),
    ],
)  # fmt: skip
def test_every_asymmetric_algorithm_passes(
    issuer: Issuer, verifier: OidcVerifier, key_id: str, algorithm: str
) -> None:
    identity = verifier.verify(issuer.token(key_id=key_id, algorithm=algorithm))
    assert (identity.issuer, identity.subject) == (issuer.url, "subject-1")
    assert (identity.email, identity.email_verified) == ("person@example.org", True)


def test_clocks_may_be_a_little_apart(issuer: Issuer, verifier: OidcVerifier) -> None:
    now = int(time.time())
    assert verifier.verify(issuer.token(exp=now - 5))
    assert verifier.verify(issuer.token(nbf=now + 5, iat=now + 5))
    with pytest.raises(NotSignedIn) as refused:
        verifier.verify(issuer.token(exp=now - 120))
    assert refused.value.error_code == "jwt_expired"


def test_one_of_several_audiences_is_enough(issuer: Issuer, verifier: OidcVerifier) -> None:
    assert verifier.verify(issuer.token(aud=["other", AUDIENCE]))


def test_a_token_without_a_key_id_is_tried_with_every_fitting_key(
    issuer: Issuer, verifier: OidcVerifier
) -> None:
    issuer.keys.insert(0, public_jwk(rsa.generate_private_key(65537, 2048), "older"))
    token = jwt.encode(issuer.claims(), issuer.private["rsa"], "RS256")
    assert verifier.verify(token)


def test_a_weak_rsa_key_is_not_trusted_even_if_published(issuer: Issuer, verifier: OidcVerifier) -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the point of the test
    issuer.keys.append(public_jwk(weak, "weak"))
    issuer.private["weak"] = weak
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # making such a token warns, too
        token = issuer.token(key_id="weak")
    with pytest.raises(NotSignedIn):
        verifier.verify(token)


def test_keys_are_fetched_once_and_again_when_the_cache_is_old(issuer: Issuer) -> None:
    cached = OidcVerifier(issuer.url, AUDIENCE, cache_seconds=300)
    for _ in range(5):
        cached.verify(issuer.token())
    assert issuer.requests.count("/keys") == 1
    forgetful = OidcVerifier(issuer.url, AUDIENCE, cache_seconds=0)
    for _ in range(2):
        forgetful.verify(issuer.token())
    assert issuer.requests.count("/keys") == 3


def test_a_crowd_with_an_empty_cache_fetches_once(issuer: Issuer, verifier: OidcVerifier) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: verifier.verify(issuer.token()), range(16)))
    assert issuer.requests.count("/keys") == 1


def test_a_rotated_key_is_found_before_the_cache_runs_out(issuer: Issuer) -> None:
    verifier = OidcVerifier(issuer.url, AUDIENCE, unknown_key_seconds=0)
    verifier.verify(issuer.token())
    issuer.private["new"] = ec.generate_private_key(ec.SECP256R1())
    issuer.keys[:] = [public_jwk(issuer.private["new"], "new")]
    assert verifier.verify(issuer.token(key_id="new", algorithm="ES256"))
    with pytest.raises(NotSignedIn):
        verifier.verify(issuer.token())  # withdrawn


def test_invented_key_ids_do_not_make_us_hammer_the_issuer(issuer: Issuer, verifier: OidcVerifier) -> None:
    verifier.verify(issuer.token())
    for number in range(20):
        with pytest.raises(NotSignedIn):
            verifier.verify(issuer.token(header={"kid": f"invented-{number}"}))
    assert issuer.requests.count("/keys") == 1


def test_a_dead_issuer_is_unavailable_not_a_refusal(issuer: Issuer) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        dead = f"http://127.0.0.1:{port}"
        token = issuer.token(iss=dead)
        with pytest.raises(Unavailable) as refused:
            OidcVerifier(dead, AUDIENCE).verify(token)
    assert refused.value.error_code == "issuer_unavailable"
    assert refused.value.retry_after_seconds


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (DISCOVERY, (500, b"oops")),
        (DISCOVERY, (200, b"<html>")),
        (DISCOVERY, (200, b"\xff\xfe")),
        (DISCOVERY, (200, b"{}")),
        (DISCOVERY, (200, b'{"issuer": "https://evil.example.org", "jwks_uri": "http://127.0.0.1/"}')),
        (DISCOVERY, (200, b"[" * 100_000)),
        (DISCOVERY, (302, b"")),
        ("/keys", (404, b"")),
        ("/keys", (200, b'{"keys": "none"}')),
        ("/keys", (200, b'{"keys": ["text"]}')),
        ("/keys", (200, b'{"keys": [' + b'{"kty":"RSA"},' * 100_000 + b"{}]}")),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_nonsense_from_the_issuer_is_unavailable_and_forgotten_when_it_recovers(
    issuer: Issuer, verifier: OidcVerifier, path: str, answer: tuple[int, bytes]
) -> None:
    issuer.answers[path] = answer
    with pytest.raises(Unavailable):
        verifier.verify(issuer.token())
    issuer.answers.clear()
    assert verifier.verify(issuer.token())


def test_broken_keys_among_good_ones_do_no_harm(issuer: Issuer, verifier: OidcVerifier) -> None:
    issuer.keys[:0] = [
        {"kid": "rsa"},
        {"kid": "rsa", "kty": "RSA"},
        {"kid": "rsa", "kty": "RSA", "n": "!!", "e": 5},
        {"kid": "rsa", "kty": "oct", "k": "c2VjcmV0"},
        {"kid": "rsa", "kty": ["RSA"], "n": "AQAB", "e": "AQAB"},
        {"kid": 7, "kty": None},
    ]
    assert verifier.verify(issuer.token())


def test_after_a_failure_the_next_ones_do_not_wait_for_the_issuer(issuer: Issuer) -> None:
    verifier = OidcVerifier(issuer.url, AUDIENCE, failure_seconds=60)
    issuer.answers[DISCOVERY] = (500, b"")
    for _ in range(10):
        with pytest.raises(Unavailable):
            verifier.verify(issuer.token())
    assert issuer.requests.count(DISCOVERY) == 1


@pytest.mark.parametrize(
    ("claims", "verified", "scopes"),
    [
        ({"email_verified": True}, True, set()),
        ({"email_verified": "true"}, True, set()),
        ({"email_verified": False}, False, set()),
        ({"email_verified": "false"}, False, set()),
        ({}, None, set()),
        ({"email_verified": 1}, None, set()),
        ({"email_verified": "yes"}, None, set()),
        ({"email_verified": ["true"]}, None, set()),
        ({"scope": "openid profile"}, None, set()),
        ({"scope": "openid uploads:read"}, None, {Scope.UPLOADS_READ}),
        ({"scope": ["uploads:read", 5, None]}, None, {Scope.UPLOADS_READ}),
        ({"scope": 5}, None, set()),
    ],
    ids=repr,
)
def test_what_claims_say(claims: dict[str, Any], verified: bool | None, scopes: set[Scope]) -> None:
    identity = identity_of({"sub": "s", **claims}, "https://i")
    assert identity.email_verified is verified
    assert identity.scopes == scopes


@pytest.mark.parametrize(
    ("key", "algorithm", "answer"),
    [
        ({"kty": "RSA"}, "RS256", True),
        ({"kty": "RSA", "alg": "RS512"}, "RS256", False),
        ({"kty": "RSA", "use": "enc"}, "RS256", False),
        ({"kty": "oct"}, "RS256", False),
        ({"kty": "EC", "crv": "P-256"}, "ES256", True),
        ({"kty": "EC", "crv": "P-384"}, "ES256", False),
        ({"kty": "EC", "crv": "secp256k1"}, "ES256", False),
        ({}, "EdDSA", False),
    ],
    ids=repr,
)
def test_a_key_fits_its_own_algorithms_only(key: dict[str, str], algorithm: str, answer: bool) -> None:
    assert fits(key, algorithm) is answer


@pytest.mark.parametrize(
    ("issuer_url", "audience"), [("", "a"), ("issuer.example.org", "a"), ("https://i.example.org", "")]
)
def test_an_issuer_without_address_or_audience_is_refused_at_the_start(
    issuer_url: str, audience: str
) -> None:
    with pytest.raises(InputError):
        OidcVerifier(issuer_url, audience)
