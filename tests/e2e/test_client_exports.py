"""The Python client's calls about exports, against a real server and its worker."""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muster.client import Client, Conflict, Export, InvalidRequest, NotFound
from tests.support.live import LiveServer
from tests.support.live_fixtures import copy_seed

WAIT_SECONDS = 90
PEOPLE = [
    {"email": "ada@example.com", "first_name": "Ada", "country": "US", "news": "yes"},
    {"email": "grace@example.org", "first_name": "Grace", "country": "DE", "news": "no"},
    {"email": "bob@example.com", "first_name": "=1+1", "country": "US", "news": "yes"},
    {"email": "eve@example.net", "first_name": 'Eve "E", Jr', "country": "FR", "news": "yes"},
]


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, sqlite_seed: LiveServer) -> Iterator[LiveServer]:
    """One server with its worker for all tests of this file; none breaks anything."""
    home = tmp_path_factory.mktemp("worked")
    live = LiveServer(home=home, environment={"MUSTER_EXPORT_DIR": str(home / "out")})
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
def upload_id(client: Client, tmp_path: Path) -> str:
    (upload_id,) = client.upload(PEOPLE, name=tmp_path.name).upload_ids
    assert client.wait(upload_id, timeout_seconds=WAIT_SECONDS).is_ready
    return upload_id


def over(client: Client, export: Export) -> Export:
    return client.wait_for_export(export.export_id, timeout_seconds=WAIT_SECONDS)


def rows_of(client: Client, export: Export) -> list[dict[str, str]]:
    content = b"".join(client.download_export(export.export_id)).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_rows_are_previewed_exported_followed_and_downloaded(
    client: Client, upload_id: str, tmp_path: Path
) -> None:
    wish = {
        "upload_id": upload_id,
        "filter": {"field": "country", "op": "ne", "value": "DE"},
        "columns": ["first_name", {"column": "email", "as": "Mail"}],
    }
    seen = client.preview_export(rows=1, **wish)
    assert (seen.rows_total, seen.rows) == (3, ({"first_name": "Ada", "Mail": "ada@example.com"},))
    told: list[Export] = []
    started = client.export(name="Not Germany", formula_safe=False, bom=True, **wish)
    export = client.wait_for_export(started.export_id, timeout_seconds=WAIT_SECONDS, on_progress=told.append)
    assert (export.status, export.is_over, told[-1]) == ("done", True, export)
    assert (export.rows, export.written, export.left_out, export.failed) == (3, 3, 0, 0)
    assert export.columns[1].outputs == ("Mail",)
    size = client.save_export(export.export_id, tmp_path / "out.csv")
    content = (tmp_path / "out.csv").read_bytes()
    assert export.file is not None
    assert size == len(content) == export.file.size_bytes
    found = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["first_name"] for row in found] == ["Ada", "=1+1", 'Eve "E", Jr']
    assert client.get_export(export.export_id) == export
    assert list(client.exports(upload_id=upload_id, status=["done", "failed"])) == [export]
    assert [event.kind for event in client.export_events(export.export_id)][-1] == "done"


def test_hashes_consent_and_suppressions_each_leave_out_who_they_should(
    client: Client, upload_id: str
) -> None:
    done = client.suppress(["eve@example.net", "nothing at all"], reason="asked")
    assert (done.added, done.already, [one.index for one in done.refused]) == (1, 0, [1])
    wanted = [f"{number}@example.info" for number in range(1500)]
    assert client.suppress(wanted).added == 1500
    checked = client.check_suppressions([*wanted, "ada@example.com"])
    assert [one.suppressed for one in checked[1498:]] == [True, True, False]
    assert [one.index for one in checked] == list(range(1501))
    export = over(client, client.export(upload_id=upload_id, hashing="google", consent="news"))
    assert export.reasons == {"no_consent": 1, "suppressed": 1}
    assert (export.written, export.left_out) == (2, 2)
    (email,) = {row["Email"] for row in rows_of(client, export)} & {
        hashlib.sha256(b"ada@example.com").hexdigest()
    }
    assert email
    outcomes = list(client.export_outcomes(export.export_id, outcome="left_out"))
    assert [(one.position, one.code) for one in outcomes] == [(1, "no_consent"), (3, "suppressed")]
    entries = list(client.suppressions("email"))
    assert len(entries) == 1501
    client.delete_suppression(entries[0].id)
    assert client.unsuppress([*wanted, "eve@example.net"]) == 1500
    assert list(client.suppressions()) == []


def test_a_destination_is_listed_and_a_file_put_where_the_operator_allows_it(
    client: Client, upload_id: str, worked: LiveServer
) -> None:
    ids = {one.id: one for one in client.destinations()}
    assert ids["download"].connection is None
    assert ids["object_store"].takes == "file"
    assert ids["meta_custom_audiences"].hashing == "meta"
    settings = {"url": "https://crm.example.com/in", "secret": "whsec_" + "QUJD" * 8}
    kept = client.create_destination_connection("http", "CRM", settings)
    assert kept.settings["secret"] is None
    assert client.update_destination_connection(kept.id, name="Ours").name == "Ours"
    assert [one.name for one in client.destination_connections()] == ["Ours"]
    assert not client.try_destination_connection(kept.id).ok
    client.delete_destination_connection(kept.id)
    with pytest.raises(NotFound):
        client.destination_connection(kept.id)
    with pytest.raises(InvalidRequest):
        client.create_destination_connection("http", "CRM", {"url": "nonsense"})
    wish = {"upload_id": upload_id, "destination": "object_store", "settings": {"path": "lists/{name}"}}
    export = over(client, client.export(name="To a directory", **wish))
    assert (export.status, export.written, export.file) == ("done", 4, None)
    put = worked.home / "out" / "lists" / "to-a-directory.csv"
    assert put.read_text().splitlines()[1].startswith("ada@example.com,")
    with pytest.raises(NotFound):
        b"".join(client.download_export(export.export_id))


def test_a_schedule_is_made_changed_run_and_forgotten(client: Client, upload_id: str) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    wish = {"upload_id": upload_id, "since": "last"}
    made = client.create_export_schedule(1440, wish, starts_at=later, name="Nightly")
    assert (made.every_minutes, made.enabled, made.last_export_id) == (1440, True, None)
    assert client.update_export_schedule(made.schedule_id, enabled=False).enabled is False
    first = over(client, client.run_export_schedule(made.schedule_id))
    assert (first.status, first.schedule_id, first.written) == ("done", made.schedule_id, 4)
    again = over(client, client.run_export_schedule(made.schedule_id))
    assert again.changes is not None
    assert (again.written, again.changes.unchanged) == (0, 4)
    assert client.export_schedule(made.schedule_id).last_status == "done"
    assert [one.schedule_id for one in client.export_schedules()] == [made.schedule_id]
    assert list(client.exports(schedule_id=made.schedule_id)) == [again, first]
    client.delete_export_schedule(made.schedule_id)
    with pytest.raises(NotFound):
        client.export_schedule(made.schedule_id)


def test_what_cannot_be_done_is_said(client: Client, upload_id: str) -> None:
    with pytest.raises(InvalidRequest):
        client.export(upload_id=upload_id, columns=["no such column"])
    with pytest.raises(TypeError):
        client.export(upload_id=upload_id, columns="email")
    with pytest.raises(TypeError):
        client.suppress("ada@example.com")
    export = over(client, client.export(upload_id=upload_id))
    with pytest.raises(Conflict):
        client.retry_export(export.export_id)
    with pytest.raises(Conflict):
        client.cancel_export(export.export_id)
    client.delete_export(export.export_id)
    with pytest.raises(NotFound):
        client.get_export(export.export_id)
