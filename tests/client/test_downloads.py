"""Files of exports over a network that breaks: every byte once, in order, or an error; never half a file under its name."""

import re

import httpx2
import pytest

from muster.client import Client, Conflict, NotFound, ServerError, Unreachable
from muster.client._download import read_file

EXPORT = "exp_AbCdEf"
CONTENT = bytes(range(256)) * 40


class Cut(httpx2.SyncByteStream):
    """A body that breaks off after its pieces."""

    def __init__(self, *pieces):
        self._pieces = pieces

    def __iter__(self):
        yield from self._pieces
        raise httpx2.ReadError("The network broke.")


class Files:
    """A server of one file. cut_after: bytes that each answer has before it breaks; none: it does not."""

    def __init__(self, *cut_after, content=CONTENT, knows_ranges=True, says_length=True):
        self._cuts = list(cut_after)
        self._content = content
        self._knows_ranges = knows_ranges
        self._says_length = says_length
        self.asked = []

    def answer(self, request):
        if not request.url.path.endswith("/download"):
            return httpx2.Response(200, json={"status": "success", "export": export(self._content)})
        wanted = request.headers.get("Range")
        self.asked.append(wanted)
        begin = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and self._knows_ranges else 0
        body = self._content[begin:]
        headers = {"Content-Length": str(len(body))} if self._says_length else {}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(self._content) - 1}/{len(self._content)}"
        cut = self._cuts.pop(0) if self._cuts else None
        status = 206 if begin else 200
        if cut is None:
            return httpx2.Response(status, headers=headers, stream=Whole(body))
        return httpx2.Response(status, headers=headers, stream=Cut(body[:cut]))

    def client(self, **options):
        return Client("http://muster.test", transport=httpx2.MockTransport(self.answer), **options)


class Whole(httpx2.SyncByteStream):
    def __init__(self, body):
        self._body = body

    def __iter__(self):
        yield from (self._body[start : start + 1000] for start in range(0, len(self._body), 1000))


def export(content):
    nothing = dict.fromkeys(
        [
            "connection",
            "connection_name",
            "format",
            "options",
            "hashing",
            "consent",
            "since",
            "pending",
            "changes",
            "progress",
            "schedule_id",
            "parent_id",
            "reason_code",
            "reason",
            "started_at",
            "finished_at",
        ]
    )
    source = dict.fromkeys(("segment_id", "name", "version", "filter"), None) | {"upload_id": "upl_1_A"}
    lists = dict.fromkeys(("upload_ids", "columns", "key", "failures", "unhashed", "actions"), ())
    numbers = dict.fromkeys(("rows", "written", "failed", "left_out", "dismissed"), 0)
    file = {"name": "a.csv", "size_bytes": len(content), "expires_at": None, "href": "/"}
    return {
        **nothing, **lists, **numbers, "export_id": EXPORT, "name": "A", "status": "done", "source": source,
        "destination": "download", "destination_title": "Download", "settings": {}, "reasons": {}, "file": file,
        "created_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def test_a_whole_file_is_asked_for_once_and_without_a_range():
    files = Files()
    with files.client() as client:
        assert b"".join(client.download_export(EXPORT)) == CONTENT
    assert files.asked == [None]


def test_a_download_that_breaks_goes_on_where_it_ended():
    files = Files(1, 5000, 0, 3)
    with files.client() as client:
        assert b"".join(client.download_export(EXPORT)) == CONTENT
    assert files.asked == [None, "bytes=1-", "bytes=5001-", "bytes=5001-", "bytes=5004-"]


def test_whoever_knows_no_ranges_sends_it_again_and_no_byte_comes_twice():
    files = Files(700, 1300, knows_ranges=False)
    with files.client() as client:
        assert b"".join(client.download_export(EXPORT)) == CONTENT
    assert files.asked == [None, "bytes=700-", "bytes=1300-"]


def test_a_body_without_a_length_ends_where_it_ends():
    with Files(says_length=False).client() as client:
        assert b"".join(client.download_export(EXPORT)) == CONTENT
    with Files(content=b"").client() as client:
        assert b"".join(client.download_export(EXPORT)) == b""


def test_a_network_that_gives_nothing_any_more_is_given_up():
    files = Files(10, *[0] * 20)
    with files.client() as client, pytest.raises(Unreachable):
        b"".join(client.download_export(EXPORT))
    assert 3 < len(files.asked) < 12


def test_a_body_that_is_always_too_short_is_given_up():
    def answer(_request):
        return httpx2.Response(206, headers={"Content-Range": "bytes 0-9/10"}, stream=Whole(b""))

    with (
        Client("http://muster.test", transport=httpx2.MockTransport(answer)) as client,
        pytest.raises(ServerError, match="0 bytes of 10"),
    ):
        b"".join(client.download_export(EXPORT))


@pytest.mark.parametrize(
    "said", [{}, {"Content-Range": "bytes x"}, {"Content-Range": "bytes 9000-9999/10240"}]
)
def test_a_part_that_is_not_the_one_asked_for_is_refused(said):
    def answer(_request):
        return httpx2.Response(206, headers=said, stream=Whole(CONTENT))

    with (
        Client("http://muster.test", transport=httpx2.MockTransport(answer)) as client,
        pytest.raises(ServerError, match="is it a Muster server"),
    ):
        b"".join(read_file(client._connection, "/x", start=100))


def test_a_refusal_is_an_error_before_the_first_byte():
    def answer(_request):
        return httpx2.Response(409, json={"status": "error", "code": "export_not_ready", "message": "Wait."})

    with (
        Client("http://muster.test", transport=httpx2.MockTransport(answer)) as client,
        pytest.raises(Conflict),
    ):
        b"".join(client.download_export(EXPORT))


def test_a_file_appears_when_it_is_whole_and_what_was_there_already_is_not_fetched_again(tmp_path):
    target = tmp_path / "a.csv"
    target.write_bytes(b"of yesterday")
    with Files(6000, *[0] * 20).client() as client, pytest.raises(Unreachable):
        client.save_export(EXPORT, target)
    assert target.read_bytes() == b"of yesterday"
    files = Files()
    with files.client() as client:
        assert client.save_export(EXPORT, target) == len(CONTENT)
    assert files.asked == ["bytes=6000-"]
    assert target.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    "there", [b"", CONTENT, CONTENT + b"more than there is"], ids=["nothing", "all", "more"]
)
def test_what_was_left_beside_a_file_is_never_made_longer_than_the_file(tmp_path, there):
    (tmp_path / f".a.csv.{EXPORT}.part").write_bytes(there)
    with Files().client() as client:
        client.save_export(EXPORT, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == CONTENT


def test_an_export_without_a_file_is_not_saved(tmp_path):
    def answer(_request):
        return httpx2.Response(200, json={"status": "success", "export": {**export(b""), "file": None}})

    with (
        Client("http://muster.test", transport=httpx2.MockTransport(answer)) as client,
        pytest.raises(NotFound),
    ):
        client.save_export(EXPORT, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []
