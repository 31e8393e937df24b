"""The Python client against a real server and its worker: a file becomes a table, and everything around that."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.client import Client, Conflict, InvalidRequest, NotFound, Upload
from muster.objects.local import LocalStore
from tests.support.cutting_proxy import CuttingProxy
from tests.support.live import LiveServer
from tests.support.live_fixtures import NewServer, copy_seed

MB = 1_000_000
WAIT_SECONDS = 60
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PEOPLE = """E-Mail,First Name,Country,Employees
ada@example.com,Ada,US,12
,Nobody,US,7
grace@example.org,Grace,DE,300
bob@example.net,Bob,US,45
"""


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, sqlite_seed: LiveServer) -> Iterator[LiveServer]:
    """One server with its worker for all tests of this file that break nothing."""
    live = LiveServer(home=tmp_path_factory.mktemp("worked"))
    copy_seed(sqlite_seed, live)
    try:
        yield live.start()
    finally:
        live.kill()


@pytest.fixture
def client(worked: LiveServer) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{worked.port}", api_key=worked.key) as opened:
        yield opened


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def table(client: Client, people: Path) -> Upload:
    return client.wait(client.upload_file(people).upload_id, timeout_seconds=WAIT_SECONDS)


def big_file(path: Path, size_bytes: int) -> str:
    """Lines nobody can compress or mistake for others; returns their hash."""
    with path.open("wb") as file:
        file.write(b"email,note\n")
        while file.tell() < size_bytes:
            file.write(b"a@example.com,%s\n" % os.urandom(40_000).hex().encode())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sha256_of(server: LiveServer, upload_id: str) -> str:
    store = LocalStore(server.data_dir / "objects")
    digest = hashlib.sha256()
    for found in store.list(f"uploads/{upload_id[-2:]}/{upload_id}/"):
        for chunk in store.stream(found.key):
            digest.update(chunk)
    return digest.hexdigest()


def test_a_file_arrives_whole_over_cut_connections_and_a_killed_server(
    new_server: NewServer, tmp_path: Path
) -> None:
    server = new_server().start()
    path = tmp_path / "big.csv"
    sha256 = big_file(path, 24 * MB)

    def crash() -> None:
        server.kill()
        server.start()

    proxy = CuttingProxy(
        lambda: server.address, cuts=4, min_bytes=300_000, max_bytes=5 * MB, after_bytes=12 * MB, at=crash
    )
    try:
        with Client(f"http://127.0.0.1:{proxy.port}", api_key=server.key) as client:
            upload = client.upload_file(path, auto=False)
    finally:
        proxy.close()
    assert proxy.done == 4
    assert upload.status_reason == "awaiting_mapping"
    assert upload.size_bytes == path.stat().st_size
    assert sha256_of(server, upload.upload_id) == sha256
    assert "Traceback" not in server.log


def test_a_program_that_was_stopped_goes_on_where_it_was(
    client: Client, worked: LiveServer, tmp_path: Path
) -> None:
    path = tmp_path / "big.csv"
    sha256 = big_file(path, 80 * MB)

    def stop(progress: object) -> None:
        if progress.bytes_sent > 70 * MB:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.upload_file(path, auto=False, on_progress=stop)
    seen = []
    with Client(client.base_url, api_key=worked.key) as another:
        upload = another.upload_file(path, auto=False, on_progress=seen.append)
    assert seen[0].resumed_bytes >= 60 * MB
    assert sha256_of(worked, upload.upload_id) == sha256


def test_a_file_becomes_a_table_that_answers_questions(client: Client, table: Upload) -> None:
    assert (table.status, table.rows_received, table.rows_accepted, table.rows_rejected) == (
        "ready_with_errors",
        4,
        3,
        1,
    )
    window = client.rows(
        table.upload_id,
        filter={"field": "country", "op": "eq", "value": "US"},
        sort="-employees",
        columns=["first_name", "employees"],
        exact_total=True,
    )
    assert window.total == 2
    assert [row.values for row in window.rows] == [
        {"first_name": "Bob", "employees": "45"},
        {"first_name": "Ada", "employees": "12"},
    ]
    assert [row.row for row in client.iter_rows(table.upload_id)] == [0, 2, 3]
    profile = {column.name: column for column in client.profile(table.upload_id).columns}
    assert (profile["employees"].maximum, profile["country"].top[0].value) == (300, "US")
    with pytest.raises(InvalidRequest) as raised:
        client.rows(table.upload_id, filter='{"field": "land", "op": "is_empty"}')
    assert raised.value.code == "filter_invalid"


def test_the_events_of_an_upload_tell_its_whole_story_and_end(client: Client, table: Upload) -> None:
    story = list(client.events(table.upload_id))
    assert story[-1].kind == "done"
    numbers = [one.number for one in story]
    assert numbers == sorted(set(numbers))
    assert list(client.events(table.upload_id, after=numbers[-1])) == []


def test_edits_are_logged_and_undone(client: Client, table: Upload) -> None:
    first = client.rows(table.upload_id, limit=1)
    edited = client.edit_rows(
        table.upload_id, {first.rows[0].row_id: {"country": "FR"}}, if_version=first.version
    )
    assert edited.rows_changed == 1
    with pytest.raises(Conflict):
        client.edit_rows(table.upload_id, {first.rows[0].row_id: {"country": "IT"}}, if_version=first.version)
    us = {"field": "country", "op": "eq", "value": "US"}
    assert client.edit_rows(table.upload_id, filter=us, set={"country": "CA"}).rows_changed == 1
    assert [row.values["country"] for row in client.iter_rows(table.upload_id)] == ["FR", "DE", "CA"]
    client.undo(table.upload_id)
    assert [row.values["country"] for row in client.iter_rows(table.upload_id)] == ["FR", "DE", "US"]
    log = list(client.changes(table.upload_id))
    assert {one.change_id for one in log} >= {edited.change_id}


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_rejects_come_back_corrected_and_join_the_table(
    client: Client, table: Upload, tmp_path: Path, format: str
) -> None:
    (reject,) = client.rejects(table.upload_id)
    assert (reject.row, reject.line, reject.code) == (1, 3, "identity_missing")
    fix = tmp_path / f"fix.{format}"
    written = b"".join(client.download_rejects(table.upload_id, format=format))  # type: ignore[arg-type]
    address = b",,Nobody" if format == "csv" else b'"E-Mail":null'
    assert address in written, written
    right = b",new@example.com,Nobody" if format == "csv" else b'"E-Mail":"new@example.com"'
    fix.write_bytes(written.replace(address, right))
    done = client.retry_file(table.upload_id, fix)
    assert (done.accepted, done.failed, done.rows_rejected, done.upload_status) == (1, 0, 0, "ready")
    assert sorted(row.row or 0 for row in client.iter_rows(table.upload_id)) == [0, 1, 2, 3]


def test_a_row_that_is_still_wrong_says_why(client: Client, table: Upload) -> None:
    done = client.retry(
        table.upload_id, [{"_row": 1, "first_name": "Nobody"}, {"_row": 0, "email": "x@example.com"}]
    )
    assert [(one.row, one.code) for one in done.results] == [(1, "identity_missing"), (0, "row_not_rejected")]
    assert not any(one.is_accepted for one in done.results)
    with pytest.raises(InvalidRequest):
        client.retry(table.upload_id, [])


def test_a_file_that_waits_is_previewed_and_mapped(client: Client, people: Path) -> None:
    # A header of its own: what is decided here is remembered for files like it.
    people.write_text(PEOPLE.replace("Employees", "Heads"))
    upload_id = client.upload_file(people, name="Waiting", auto=False).upload_id
    waiting = client.wait(upload_id, timeout_seconds=WAIT_SECONDS)
    assert (waiting.status, waiting.status_reason) == ("uploaded", "awaiting_mapping")
    found = client.preview(upload_id)
    assert found.layout["delimiter"].value == ","
    assert found.columns[0].field == "email"
    assert found.rows[0] == ("ada@example.com", "Ada", "US", "12")
    assert client.preview(upload_id, delimiter=";").layout["delimiter"].value == ";"
    mapping = {"columns": [{"from": "E-Mail", "to": "email"}, {"from": "Heads", "to": "staff"}]}
    client.set_mapping(upload_id, mapping)
    assert client.wait(upload_id, timeout_seconds=WAIT_SECONDS).is_ready
    names = [column.name for column in client.rows(upload_id).columns]
    assert names == ["email", "First Name", "Country", "staff"]


def test_guesses_are_taken_when_nothing_is_decided(client: Client, people: Path) -> None:
    upload_id = client.upload_file(people, auto=False).upload_id
    client.set_mapping(upload_id)
    assert client.wait(upload_id, timeout_seconds=WAIT_SECONDS).is_ready


def test_results_are_saved_whole_or_not_at_all(client: Client, table: Upload, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.csv"
    assert client.save_results(table.upload_id, accepted) == accepted.stat().st_size
    assert accepted.read_text().count("\n") == 4
    assert b"Nobody" in b"".join(client.results(table.upload_id, "rejected", "ndjson"))
    assert next(iter(client.results(table.upload_id, "accepted", "parquet"))).startswith(b"PAR1")
    with pytest.raises(NotFound):
        client.save_results("upl_1700000000_Missing", tmp_path / "missing.csv")
    assert not [path for path in tmp_path.iterdir() if "missing" in path.name]


def test_rules_are_tried_kept_changed_and_forgotten(client: Client, table: Upload) -> None:
    wish = {"field": "employees", "test": {"kind": "number", "max": 100}, "severity": "reject"}
    small, large = client.try_rule(wish, ["12", "300"])
    assert (small.outcome, large.outcome) == ("accepted", "rejected")
    rule = client.create_rule("Small ones", wish["test"], field="employees")  # type: ignore[arg-type]
    try:
        assert client.rules() == (rule,)
        assert client.try_upload(table.upload_id).rejected == 2
        (one,) = client.try_records([{"email": "a@example.com", "employees": 500}])
        assert one.outcome == "rejected"
        assert not client.update_rule(rule.id, enabled=False).enabled
        assert client.order_rules([rule.id])[0].position == 0
        client.update_rule(rule.id, enabled=True)
        client.reprocess(table.upload_id)
        again = client.wait(table.upload_id, timeout_seconds=WAIT_SECONDS)
        assert (again.rows_accepted, again.rows_rejected) == (2, 2)
    finally:
        client.delete_rule(rule.id)
    assert client.rules() == ()


def test_work_that_is_cancelled_is_over(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "many.ndjson"
    path.write_bytes(b'{"email":"a@example.com"}\n' * 800_000)
    upload_id = client.upload_file(path).upload_id
    client.cancel(upload_id)
    ended = client.wait(upload_id, timeout_seconds=WAIT_SECONDS)
    # A quick machine may have been done before it was told.
    assert ended.status in {"cancelled", "ready"}
    if ended.status == "cancelled":
        client.reprocess(upload_id)
        assert client.wait(upload_id, timeout_seconds=WAIT_SECONDS).rows_accepted == 800_000


@pytest.mark.parametrize(
    "command", [[sys.executable, EXAMPLES / "python" / "file.py"], [EXAMPLES / "curl" / "file.sh"]]
)
def test_the_examples_that_send_a_file_do(
    client: Client, worked: LiveServer, people: Path, command: list[str | Path]
) -> None:
    address = {"MUSTER_URL": client.base_url, "MUSTER_API_KEY": worked.key}
    ended = subprocess.run(
        [*command, people],
        env={**os.environ, **address},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    (upload_id, *_) = re.findall(r"upl_\w+", ended.stdout)
    assert client.wait(upload_id, timeout_seconds=WAIT_SECONDS).rows_accepted == 3
