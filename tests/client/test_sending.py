"""Files on their way, to servers and networks that misbehave as a real one cannot be told to."""

import os
import time

import httpx2
import pytest

from muster.client import Client, InvalidRequest, SendingProgress, ServerError, TooLarge, Unreachable
from muster.client._remember import FileState, Remembered

MIB = 1024 * 1024
UPLOAD = "upl_1700000000_AbCdEf"
SHOWN = {
    "status": "success",
    "upload_id": UPLOAD,
    "upload_name": "big.csv",
    "created_at": "2026-01-01T00:00:00Z",
    "rows_received": 0,
    "upload_status": "processing",
}


class TusServer:
    """Keeps what is appended to one upload. faults: what to do with the next appending requests.

    A fault is a status, told in Muster's words unless it is a proxy's, or the bytes to keep before the
    connection breaks.
    """

    def __init__(self, *faults, proxy_takes_bytes=None):
        self.content = bytearray()
        self.length = None
        self.made = 0
        self.faults = list(faults)
        self.proxy_takes_bytes = proxy_takes_bytes
        self.requests = []

    def client(self, **options):
        return Client(
            "http://muster.test", transport=httpx2.MockTransport(self.answer), api_key="k", **options
        )

    def answer(self, request):
        body = request.read()
        self.requests.append(request.method)
        if request.url.path == "/api/audience/files":
            return self._in_one_request(body)
        match request.method:
            case "POST":
                self.made += 1
                self.content.clear()
                self.length = int(request.headers["Upload-Length"])
                return httpx2.Response(201, headers={"Location": f"/api/audience/files/tus/{UPLOAD}"})
            case "HEAD" if self.length is None:
                return _said(404, "upload_not_found")
            case "HEAD":
                standing = {"Upload-Offset": str(len(self.content)), "Upload-Length": str(self.length)}
                return httpx2.Response(200, headers=standing)
            case "PATCH":
                return self._appended(request, body)
            case "DELETE":
                self.length = None
                return httpx2.Response(204)
        return httpx2.Response(200, json=SHOWN)

    def _appended(self, request, body):
        if self.proxy_takes_bytes is not None and len(body) > self.proxy_takes_bytes:
            return httpx2.Response(413, text="<html>413 Request Entity Too Large</html>")
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, bytes | int) and fault not in (409, 413, 423, 500, 503):
            self.content += body[: int(fault)]
            raise httpx2.WriteError("The network broke.")
        if fault is not None:
            code = {409: "offset_mismatch", 413: "file_too_large", 423: "upload_locked"}.get(
                fault, "unavailable"
            )
            return _said(fault, code)
        if int(request.headers["Upload-Offset"]) != len(self.content):
            return _said(409, "offset_mismatch")
        self.content += body
        return httpx2.Response(204, headers={"Upload-Offset": str(len(self.content))})

    def _in_one_request(self, body):
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return _said(fault, "unavailable")
        self.content += body
        return httpx2.Response(202, json={**SHOWN, "session_token": "sess_x"})


def _said(status, code):
    return httpx2.Response(status, json={"status": "error", "code": code, "message": "No."})


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "cache"


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big.csv"
    path.write_bytes(os.urandom(5 * MIB + 17))
    return path


def remembered(path):
    return Remembered(FileState.of(path), "http://muster.test", None, auto=True).upload_id()


@pytest.mark.parametrize(
    "faults",
    [
        [MIB],
        [0, 0, 0],
        [503],
        [500, 500],
        [409],
        [423, 423],
        [MIB, 503, 2 * MIB, 409, 0, 423],
        [10] * 40,
    ],
    ids=str,
)
def test_whatever_breaks_on_the_way_the_file_arrives_whole(big, faults):
    server = TusServer(*faults)
    with server.client() as client:
        client.upload_file(big)
    assert bytes(server.content) == big.read_bytes()
    assert server.made == 1


def test_a_server_that_stays_away_is_given_up_after_the_timeout_and_gone_on_with_later(big):
    server = TusServer(2 * MIB, *[0] * 10_000)
    started = time.monotonic()
    with server.client(timeout=0.3) as client, pytest.raises(Unreachable):
        client.upload_file(big)
    assert time.monotonic() - started < 20
    server.faults.clear()
    seen = []
    with server.client() as client:
        client.upload_file(big, on_progress=seen.append)
    assert seen[0] == SendingProgress(2 * MIB, big.stat().st_size, 2 * MIB, UPLOAD)
    assert server.made == 1
    assert bytes(server.content) == big.read_bytes()


def test_what_muster_refuses_is_not_sent_again(big):
    server = TusServer(413)
    with server.client() as client, pytest.raises(TooLarge):
        client.upload_file(big)
    assert server.requests.count("PATCH") == 1


def test_a_proxy_that_takes_little_at_once_gets_little_at_once(big, monkeypatch):
    server = TusServer(proxy_takes_bytes=MIB)
    with server.client() as client:
        client.upload_file(big)
    assert bytes(server.content) == big.read_bytes()


@pytest.mark.parametrize("lost", ["gone", "of another length"])
def test_an_upload_the_server_knows_no_more_is_begun_anew(big, lost):
    server = TusServer(MIB, *[0] * 10_000)
    with server.client(timeout=0.1) as client, pytest.raises(Unreachable):
        client.upload_file(big)
    server.faults.clear()
    server.length = None if lost == "gone" else 17
    with server.client() as client:
        client.upload_file(big)
    assert server.made == 2
    assert bytes(server.content) == big.read_bytes()


def interrupted(client, path, **options):
    def stop(progress):
        if progress.bytes_sent > MIB:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.upload_file(path, on_progress=stop, **options)


def test_an_interrupted_file_is_remembered_without_key_or_content_and_forgotten_when_it_is_whole(big, cache):
    server = TusServer()
    with server.client() as client:
        interrupted(client, big)
        assert remembered(big) == UPLOAD
        (kept,) = [path for path in cache.rglob("*") if path.is_file()]
        assert kept.stat().st_size < 1000
        client.upload_file(big)
    assert remembered(big) is None
    assert server.made == 1


@pytest.mark.parametrize("change", ["content", "name", "no resume"])
def test_only_the_same_file_under_the_same_name_is_gone_on_with(big, change):
    server = TusServer()
    with server.client() as client:
        interrupted(client, big)
        if change == "content":
            big.write_bytes(os.urandom(5 * MIB + 17))
        client.upload_file(big, name="Another" if change == "name" else None, resume=change != "no resume")
    assert server.made == 2
    assert bytes(server.content) == big.read_bytes()


def test_without_a_place_to_remember_in_the_file_still_arrives(big, cache):
    cache.write_text("a file where the directory should be")
    server = TusServer(MIB)
    with server.client() as client:
        client.upload_file(big)
    assert bytes(server.content) == big.read_bytes()


def test_a_file_that_changes_while_it_is_sent_is_refused_and_dropped(big):
    server = TusServer(MIB)
    is_changed = False

    def change(progress):
        nonlocal is_changed
        if not is_changed and progress.bytes_sent > MIB:
            is_changed = True
            big.write_bytes(b"shorter")

    with server.client() as client, pytest.raises(InvalidRequest) as raised:
        client.upload_file(big, on_progress=change)
    assert raised.value.code == "file_changed"
    assert "DELETE" in server.requests


def test_a_small_file_goes_in_one_request_that_is_repeated_until_it_is_answered(tmp_path):
    path = tmp_path / "small.csv"
    path.write_bytes(b"email\na@example.com\n")
    server = TusServer(503, 503)
    seen = []
    with server.client() as client:
        upload = client.upload_file(path, on_progress=seen.append)
    assert upload.upload_id == UPLOAD
    assert bytes(server.content) == path.read_bytes()
    assert server.requests == ["POST", "POST", "POST"]
    assert seen[-1].bytes_sent == seen[-1].bytes_total == 20


def test_an_address_that_does_not_speak_tus_is_said(big):
    def answer(request):
        request.read()
        if request.method == "POST":
            return httpx2.Response(201, headers={"Location": f"/x/{UPLOAD}"})
        if request.method == "PATCH":
            raise httpx2.WriteError("The network broke.")
        return httpx2.Response(200)

    transport = httpx2.MockTransport(answer)
    with Client("http://muster.test", transport=transport) as client, pytest.raises(ServerError) as raised:
        client.upload_file(big)
    assert raised.value.code == "not_muster"
