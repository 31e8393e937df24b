"""What `exports/destination.py` promises, asked of every destination there is, built in or installed, with something real
behind it: a database, a directory, and servers on loopback that check what the platforms document.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from muster.accounts import users
from muster.exports import deliver, deliver_rows
from muster.exports.connections import create_connection, try_connection
from muster.exports.destination import ENTRY_POINTS, FileDestination, RowDestination, Takes
from muster.exports.destinations import all_destinations, built_in, meta_custom_audiences
from muster.exports.hashing import sha256_hex
from muster.exports.model import Export, ExportStatus, Outcome
from muster.exports.requests import ConnectionBody
from tests.exports.destinations.places import PLACES, Place
from tests.exports.exporting import Exports, assert_adds_up, numbered, opened_house
from tests.support.clock import SettableClock
from tests.support.inline_run import Cut, InlineContext, InlineRun
from tests.support.postgres import Cluster

EVERY = pytest.mark.parametrize(
    "destination", list(all_destinations().values()), ids=lambda each: each.manifest.id
)
ROWS = [name for name in PLACES if all_destinations()[name].manifest.takes is Takes.ROWS]
NAME = re.compile(r"[a-z][a-z0-9_]*")


@pytest.fixture
def exports(tmp_path: Path, sqlite_template: Path) -> Iterator[Exports]:
    """Of one person; destinations do not depend on our own database, so one kind is enough here."""
    path = tmp_path / "muster.db"
    path.write_bytes(sqlite_template.read_bytes())
    with opened_house(tmp_path, f"sqlite:///{path}", SettableClock(datetime.now(UTC))) as house:
        yield Exports(house, users.by_command_line(users.create(house.accounts, "ana@example.org")))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is a portion, and a second try comes at once."""
    monkeypatch.setattr(deliver, "_FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(deliver_rows, "_PORTION_SECONDS", 0.0)
    monkeypatch.setattr(meta_custom_audiences, "_BUSY_SECONDS", 0)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    def postgres() -> Cluster:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        return cluster

    with PLACES[request.param](tmp_path, postgres) as made:
        yield made
        assert made.mistakes() == []


def each(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("place", names, indirect=True)


class Sender:
    """Exports to a place."""

    def __init__(self, exports: Exports, place: Place) -> None:
        self.exports = exports
        self.place = place
        self.connection: str | None = None
        if place.connection is not None:
            body = ConnectionBody(place.destination, f"my {place.destination}", dict(place.connection))
            self.connection = create_connection(exports.house.exports, exports.owner, body).id

    def members(self, **more: Any) -> dict[str, Any]:
        return {
            "destination": self.place.destination,
            "connection": self.connection,
            "settings": dict(self.place.settings),
            "columns": ["email", "first_name"],
            **self.place.extra,
            **more,
        }

    def done(self, upload_id: str, **more: Any) -> Export:
        return self.exports.done(upload_id, **self.members(**more))

    def there(self, *numbers: int) -> set[str]:
        """The addresses of these people as this destination knows them."""
        emails = [f"person{number}@example.com" for number in numbers]
        hashing = all_destinations()[self.place.destination].manifest.hashing
        return set(map(sha256_hex, emails)) if hashing else set(emails)


@pytest.fixture
def sender(exports: Exports, place: Place) -> Sender:
    return Sender(exports, place)


@EVERY
def test_a_manifest_says_all_there_is_to_say(destination: Any) -> None:
    manifest = destination.manifest
    assert NAME.fullmatch(manifest.id)
    assert manifest.title
    assert manifest.description.endswith(".")
    is_file = manifest.takes is Takes.FILE
    assert isinstance(destination, FileDestination if is_file else RowDestination)
    assert bool(manifest.formats) is is_file
    assert manifest.batch_rows >= 1


@EVERY
def test_settings_are_json_schemas_in_which_every_member_is_explained(destination: Any) -> None:
    for shape in filter(None, (destination.manifest.settings, destination.manifest.connection)):
        schema = shape.model_json_schema(by_alias=True)
        jsonschema_rs.validator_for(schema)
        assert schema.get("additionalProperties") is False
        for name, member in schema.get("properties", {}).items():
            assert member.get("title"), name


def test_every_destination_has_a_place_in_these_tests() -> None:
    assert {each.manifest.id for each in built_in()} == {*PLACES, "download"}
    assert ENTRY_POINTS == "muster.export_destinations"


@each(list(PLACES))
def test_every_row_arrives(sender: Sender) -> None:
    upload_id = sender.exports.table(numbered(9), numbered(4, 9))
    export = sender.done(upload_id)
    assert export.status is ExportStatus.DONE
    assert export.counts.written == 13
    assert sender.place.holds() == sender.there(*range(13))


@each(list(PLACES))
def test_sending_twice_is_sending_once(sender: Sender) -> None:
    upload_id = sender.exports.table(numbered(5))
    sender.done(upload_id)
    sender.done(upload_id)
    assert sender.place.holds() == sender.there(*range(5))


@each(list(PLACES))
def test_who_left_is_taken_away(sender: Sender) -> None:
    upload_id = sender.exports.table(numbered(6))
    sender.done(upload_id, since="last", key=["email"] if not _hashed(sender) else None)
    sender.exports.edit(upload_id, {2: {"email": "person77@example.com"}})
    export = sender.done(upload_id, since="last", key=["email"] if not _hashed(sender) else None)
    assert (export.counts.joined, export.counts.left) == (1, 1)
    if sender.place.destination == "object_store":
        assert sender.place.holds() == sender.there(77)
    else:
        assert sender.place.holds() == sender.there(0, 1, 3, 4, 5, 77)


@each(ROWS)
def test_a_refused_row_stands_alone_and_all_others_arrive(sender: Sender) -> None:
    upload_id = sender.exports.table(numbered(9), numbered(9, 9))
    assert sender.place.refuse is not None
    sender.place.refuse({"person3@example.com", "person16@example.com"})
    export = sender.done(upload_id)
    assert export.status is ExportStatus.DONE_WITH_FAILURES
    told = sender.exports.outcomes(export, Outcome.FAILED)
    assert [row.position for row in told] == [3, 16]
    assert all(row.code and row.message for row in told)
    assert sender.place.holds() == sender.there(*(set(range(18)) - {3, 16}))


@each(ROWS)
def test_refused_rows_are_tried_again_until_they_pass(sender: Sender) -> None:
    upload_id = sender.exports.table(numbered(6))
    assert sender.place.refuse is not None
    sender.place.refuse({"person3@example.com"})
    key = None if _hashed(sender) else ["email"]
    assert sender.done(upload_id, since="last", key=key).counts.failed == 1
    assert sender.done(upload_id, since="last", key=key).counts.failed == 1
    sender.place.refuse(set())
    last = sender.done(upload_id, since="last", key=key)
    assert (last.counts.written, last.counts.failed) == (1, 0)
    assert sender.place.holds() == sender.there(*range(6))


class Stormy(InlineContext):
    """The line breaks once, in the middle of the export."""

    def __init__(self, break_line: Callable[[], None]) -> None:
        super().__init__()
        self._break_line: Callable[[], None] | None = break_line

    def report(self, progress: Any) -> None:
        super().report(progress)
        if self._break_line is not None and progress.done:
            break_line, self._break_line = self._break_line, None
            break_line()


@each(ROWS)
def test_a_line_that_breaks_is_mended_without_losing_a_row(sender: Sender) -> None:
    upload_id = sender.exports.table(*(numbered(5, start) for start in range(0, 20, 5)))
    assert sender.place.weather is not None
    export = sender.exports.make(upload_id, **sender.members())
    done = sender.exports.carry_out(export.id, Stormy(sender.place.weather))
    assert done.status is ExportStatus.DONE, done.reason
    assert_adds_up(done)
    assert sender.place.holds() == sender.there(*range(20))


@each(list(PLACES))
def test_killed_after_any_step_it_ends_up_the_same(sender: Sender) -> None:
    upload_id = sender.exports.table(numbered(5), numbered(5, 5))
    run = InlineRun(sender.exports.job(sender.exports.make(upload_id, **sender.members()).id))
    sender.exports.run(run)
    for cut_at in range(0, len(run.steps), 2):
        export = sender.exports.make(upload_id, **sender.members())
        cut = InlineRun(sender.exports.job(export.id), cut_at=cut_at, is_noted=cut_at % 4 == 0)
        with pytest.raises(Cut):
            sender.exports.run(cut)
        sender.exports.run(InlineRun(cut.job, noted=cut.noted))
        done = sender.exports.get(export.id)
        assert done.status is ExportStatus.DONE
        assert done.counts.written == 10
        assert sender.place.holds() == sender.there(*range(10))


@each([name for name in PLACES if name != "object_store"])
def test_trying_a_connection_sends_no_rows_and_says_what_was_found(sender: Sender) -> None:
    before = sender.place.holds()
    assert sender.connection is not None
    settings = sender.place.settings
    said = try_connection(sender.exports.house.exports, sender.exports.owner, sender.connection, settings)
    assert said.endswith(".")
    assert sender.place.holds() == before


@each(ROWS)
def test_secrets_are_shown_nowhere(sender: Sender, caplog: pytest.LogCaptureFixture) -> None:
    upload_id = sender.exports.table(numbered(2))
    export = sender.done(upload_id)
    with sender.exports.house.db.read() as connection:
        dumped = "".join(
            str(row)
            for table in ("export_connections", "exports", "jobs", "job_events", "audit_log")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608
        )
    shown = dumped + caplog.text + repr(export)
    for secret in sender.place.secrets:
        assert secret not in shown
        assert json.dumps(secret) not in shown


def _hashed(sender: Sender) -> bool:
    return all_destinations()[sender.place.destination].manifest.hashing is not None
