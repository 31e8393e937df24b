"""A call from outside: whom it reaches, what it swallows, and how soon it ends."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from muster.web.outgoing.addresses import Address, parse_url
from muster.web.outgoing.caller import HttpCaller, Reply, Request, Trouble
from tests.support.enrich_server import Service, enrich_server

HOST = "api.example.com"
SOON = 4.0
"""Seconds; a quarter of one on an idle machine. What is waited for would never end."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with enrich_server() as running:
        yield running


@pytest.fixture(autouse=True)
def calm(service: Service) -> None:
    service.weather()


@pytest.fixture
def caller() -> Iterator[HttpCaller]:
    opened = HttpCaller(allow_private=True)
    yield opened
    opened.close()


def get(service: Service, path: str, *, timeout: float = 5.0, caller: HttpCaller) -> Reply | Trouble:
    address, target = parse_url(service.url + path, allow_private=True)
    return caller.call(Request(address, "GET", target), timeout_seconds=timeout)


def test_an_answer_comes_back_and_the_connection_is_used_again(service: Service, caller: HttpCaller) -> None:
    before = service.stats.connections
    for _ in range(5):
        reply = get(service, "/v1/echo", caller=caller)
        assert isinstance(reply, Reply)
        assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    # Asking for the statistics takes connections too: one for those before, one for these.
    assert service.stats.connections == before + 2


def test_nothing_is_sent_but_what_was_asked_for(service: Service, caller: HttpCaller) -> None:
    address, target = parse_url(service.url + "/v1/echo?a=%C3%A9", allow_private=True)
    sent = Request(address, "POST", target, {"X-Key": "ü".encode()}, b'{"a": 1}')
    assert isinstance(caller.call(sent, timeout_seconds=5), Reply)
    [head] = service.stats.heads
    lines = sorted(line.split(":")[0].lower() for line in head.split("\r\n")[1:])
    assert lines == ["accept-encoding", "content-length", "host", "user-agent", "x-key"]
    assert head.startswith("POST /v1/echo?a=%C3%A9 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{service.port}" in head
    assert service.stats.bodies == ['{"a": 1}']


def test_cookies_are_not_kept(service: Service, caller: HttpCaller) -> None:
    for _ in range(2):
        assert isinstance(get(service, "/hostile/cookie", caller=caller), Reply)
    assert all("\r\ncookie:" not in head.lower() for head in service.stats.heads)


def test_proxies_of_the_environment_are_not_used(
    service: Service, caller: HttpCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(get(service, "/v1/echo", caller=caller), Reply)


def test_a_redirect_is_an_answer_and_leads_nowhere(service: Service, caller: HttpCaller) -> None:
    reply = get(service, "/hostile/redirect", caller=caller)
    assert isinstance(reply, Reply)
    assert reply.status == 302
    assert service.stats.calls == 1


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        ("truncated", Trouble.ANSWER_BROKEN),
        ("garbage", Trouble.ANSWER_BROKEN),
        ("bighead", Trouble.ANSWER_BROKEN),
        ("twolengths", Trouble.ANSWER_BROKEN),
        ("brokengzip", Trouble.ANSWER_BROKEN),
        ("unknowncoding", Trouble.ANSWER_BROKEN),
        ("hangup", Trouble.UNREACHABLE),
        ("huge", Trouble.ANSWER_TOO_LARGE),
        ("endless", Trouble.ANSWER_TOO_LARGE),
        ("bomb", Trouble.ANSWER_TOO_LARGE),
        ("continue", Trouble.ANSWER_TOO_LARGE),
    ],
)
def test_a_hostile_answer_ends_the_call_and_only_the_call(
    service: Service, caller: HttpCaller, kind: str, trouble: Trouble
) -> None:
    assert get(service, f"/hostile/{kind}", caller=caller) is trouble
    assert isinstance(get(service, "/v1/echo", caller=caller), Reply)


@pytest.mark.parametrize("kind", ["silent", "slow", "slowhead"])
def test_a_slow_answer_ends_at_the_deadline_however_often_a_byte_comes(
    service: Service, caller: HttpCaller, kind: str
) -> None:
    started = time.monotonic()
    assert get(service, f"/hostile/{kind}", timeout=0.6, caller=caller) is Trouble.TIMEOUT
    assert 0.55 < time.monotonic() - started < SOON
    assert isinstance(get(service, "/v1/echo", caller=caller), Reply)


def test_crumbs_end_by_size_or_by_time(service: Service, caller: HttpCaller) -> None:
    started = time.monotonic()
    assert get(service, "/hostile/crumbs", timeout=2, caller=caller) in {
        Trouble.ANSWER_TOO_LARGE,
        Trouble.TIMEOUT,
    }
    assert time.monotonic() - started < 2 + SOON


def test_an_answer_may_have_as_many_bytes_as_it_may(service: Service) -> None:
    caller = HttpCaller(allow_private=True, max_answer_bytes=1000)
    try:
        exact = get(service, "/hostile/body/" + "x" * 1000, caller=caller)
        assert isinstance(exact, Reply)
        assert len(exact.body) == 1000
        over = get(service, "/hostile/body/" + "x" * 1001, caller=caller)
        assert over is Trouble.ANSWER_TOO_LARGE
    finally:
        caller.close()


def test_a_call_that_is_told_to_stop_ends_at_once(service: Service, caller: HttpCaller) -> None:
    stop = threading.Event()
    address, target = parse_url(service.url + "/hostile/silent", allow_private=True)
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    started = time.monotonic()
    got = caller.call(Request(address, "GET", target), timeout_seconds=30, is_stopping=stop.is_set)
    assert got is Trouble.STOPPED
    assert time.monotonic() - started < SOON
    timer.join()


def test_it_is_told_when_the_request_is_on_its_way_and_not_when_it_never_was(
    service: Service, caller: HttpCaller
) -> None:
    sent: list[float] = []
    address, target = parse_url(service.url + "/hostile/silent", allow_private=True)
    started = time.monotonic()
    caller.call(
        Request(address, "GET", target), timeout_seconds=0.3, on_sent=lambda: sent.append(time.monotonic())
    )
    assert len(sent) == 1
    assert sent[0] > started
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    got = caller.call(
        Request(Address("http", "127.0.0.1", port), "GET", "/"),
        timeout_seconds=2,
        on_sent=lambda: sent.append(0),
    )
    assert got is Trouble.UNREACHABLE
    assert len(sent) == 1


# Whom a name stands for.


class Names:
    """A resolver that answers what it is told, one answer for each question, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        if not self.answers:
            raise OSError("no such name")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def call_name(
    service: Service, names: Callable[[str, int], Sequence[str]], *, allow_private: bool, timeout: float = 3.0
) -> Reply | Trouble:
    caller = HttpCaller(allow_private=allow_private, resolve=names)
    try:
        request = Request(Address("http", HOST, service.port), "GET", "/v1/echo")
        return caller.call(request, timeout_seconds=timeout)
    finally:
        caller.close()


@pytest.mark.parametrize(
    "numbers",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["93.184.215.14", "127.0.0.1"],
        ["127.0.0.1", "93.184.215.14"],
        ["2606:4700::1", "::1"],
    ],
    ids="+".join,
)
def test_a_public_name_for_an_inner_number_is_refused_before_anything_is_sent(
    service: Service, numbers: list[str]
) -> None:
    assert call_name(service, Names(numbers), allow_private=False) is Trouble.ADDRESS_REFUSED
    assert service.stats.calls == 0


def test_a_name_is_asked_for_once_so_a_second_answer_cannot_lead_elsewhere(service: Service) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    assert isinstance(call_name(service, names, allow_private=True), Reply)
    assert names.asked == 1
    [head] = service.stats.heads
    assert f"Host: {HOST}:{service.port}" in head


def test_metadata_stays_out_of_reach_though_the_operator_allows_the_own_network(service: Service) -> None:
    assert call_name(service, Names(["169.254.169.254"]), allow_private=True) is Trouble.ADDRESS_REFUSED


def test_the_next_number_is_tried_where_one_does_not_accept(service: Service) -> None:
    # Nothing listens on this port of the other loopback addresses.
    assert isinstance(call_name(service, Names(["127.9.9.9", "127.0.0.1"]), allow_private=True), Reply)


def test_a_name_nobody_knows_is_unreachable(service: Service) -> None:
    assert call_name(service, Names(), allow_private=False) is Trouble.UNREACHABLE
    assert call_name(service, Names([]), allow_private=False) is Trouble.UNREACHABLE


def test_a_resolver_that_hangs_does_not_hold_the_call(service: Service) -> None:
    release = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        release.wait(20)
        return ["127.0.0.1"]

    started = time.monotonic()
    assert call_name(service, hang, allow_private=True, timeout=0.4) is Trouble.TIMEOUT
    assert time.monotonic() - started < SOON
    release.set()
    assert service.stats.calls == 0


# TLS.


class Tls:
    """A certificate authority of one's own, and a server with a certificate for HOST that echoes what it was sent."""

    def __init__(self, directory: Path, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = directory / "certificate.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        self.trust = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.DER))
        self.names: list[str | None] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            except OSError:
                plain.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    server = Tls(tmp_path, HOST)
    yield server
    server.close()


def call_tls(tls: Tls, host: str, trust: ssl.SSLContext | None) -> Reply | Trouble:
    caller = HttpCaller(allow_private=True, resolve=Names(["127.0.0.1"]), trust=trust)
    try:
        return caller.call(Request(Address("https", host, tls.port), "GET", "/"), timeout_seconds=5)
    finally:
        caller.close()


def test_the_certificate_is_checked_against_the_name_though_the_number_is_called(tls: Tls) -> None:
    reply = call_tls(tls, HOST, tls.trust)
    assert isinstance(reply, Reply)
    assert reply.body == b"{}"
    assert tls.names == [HOST]
    assert call_tls(tls, "other.example.com", tls.trust) is Trouble.UNREACHABLE


def test_a_certificate_nobody_vouches_for_is_refused(tls: Tls) -> None:
    assert call_tls(tls, HOST, None) is Trouble.UNREACHABLE


def test_a_handshake_that_never_ends_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        caller = HttpCaller(allow_private=True, resolve=Names(["127.0.0.1"]))
        started = time.monotonic()
        address = Address("https", HOST, silent.getsockname()[1])
        assert caller.call(Request(address, "GET", "/"), timeout_seconds=0.4) is Trouble.TIMEOUT
        assert time.monotonic() - started < SOON
        caller.close()


def test_secrets_do_not_show_in_the_repr_of_a_request() -> None:
    request = Request(
        Address("https", HOST, 443), "GET", "/?key=sk-1", {"Authorization": b"Bearer sk-1"}, b"sk-1"
    )
    assert "sk-1" not in repr(request)
