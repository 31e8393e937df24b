"""From what was sent to a table: counts that add up, order kept, and nothing lost by dying at any point."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from muster.accounts import keys
from muster.accounts.keys import KeyWish
from muster.accounts.model import Principal, Scope
from muster.accounts.room import AccountsRoom
from muster.db.database import Database
from muster.db.schema import upload_counters
from muster.errors import InputError, NotFound, Unavailable
from muster.jobs.kinds import StepContext
from muster.jobs.model import JobCancelled, JobState, Json, Progress
from muster.objects.local import LocalStore
from muster.records.rules import Email, Required, Rule, Severity, Unique
from muster.tables.model import TableId
from muster.tables.publish import newest
from muster.uploads import build_table as building
from muster.uploads.build_finish import end_upload
from muster.uploads.build_table import build_table
from muster.uploads.erase import erase
from muster.uploads.model import UploadStatus
from muster.uploads.read import get_upload
from muster.uploads.room import UploadsRoom
from tests.support.databases import on_sqlite
from tests.support.inline_run import Cut, InlineContext, InlineRun
from tests.uploads.building import SendFile, add_rule, built, rejects_of, rows_of, run_of, table_of
from tests.uploads.conftest import Send


def test_a_batch_becomes_a_table_with_its_rejects_in_their_places(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    records = [{"email": f"p{at}@example.org", "n": at} for at in range(30)]
    records[7] = records[20] = {"name": "nobody"}  # type: ignore[dict-item]
    receipt = send(records, on_invalid="skip")
    upload = built(room, ana, receipt.upload_id)
    assert upload.status is UploadStatus.READY_WITH_ERRORS
    assert (upload.rows_received, upload.rows_accepted, upload.rows_rejected) == (30, 28, 2)
    rows = rows_of(room, table_of(room, ana, upload.id))
    assert [row["_row"] for row in rows] == [at for at in range(30) if at not in {7, 20}]
    assert rows[7] == {"_row_id": 7, "_row": 8, "email": "p8@example.org", "n": "8", "name": None} or rows[
        7
    ] == {"_row_id": 7, "_row": 8, "email": "p8@example.org", "n": "8"}
    assert [reject["row"] for reject in rejects_of(room, ana, upload)] == [7, 20]


def test_a_file_is_mapped_and_every_record_is_a_row_or_a_reject(
    room: UploadsRoom, ana: Principal, send_file: SendFile
) -> None:
    lines = ["E-Mail;Nachname;PLZ"] + [f"p{at}@example.org; King;0{at:04d}" for at in range(50)]
    lines[11] = "  ;Nobody;01234"
    lines[21] = "p20@example.org;too;many;cells"
    upload = built(room, ana, send_file("\n".join(lines).encode()))
    assert (upload.rows_received, upload.rows_accepted, upload.rows_rejected) == (50, 48, 2)
    assert upload.fields == ("email", "last_name", "postal_code")
    rows = rows_of(room, table_of(room, ana, upload.id))
    assert rows[0] == {
        "_row_id": 0,
        "_row": 0,
        "email": "p0@example.org",
        "last_name": " King",
        "postal_code": "00000",
    }
    rejects = rejects_of(room, ana, upload)
    assert [(each["row"], each["line_number"], each["code"]) for each in rejects] == [
        (10, 12, "identity_blank"),
        (20, 22, "too_many_columns"),
    ]
    assert rejects[0]["record"] == {"E-Mail": "  ", "Nachname": "Nobody", "PLZ": "01234"}


def test_a_file_nobody_can_read_fails_with_the_reason(
    room: UploadsRoom, ana: Principal, send_file: SendFile
) -> None:
    upload_id = send_file(b"PK\x03\x04broken", "people.xlsx")
    run = run_of(room, ana, upload_id)
    with pytest.raises(InputError) as refused:
        build_table(room, run)
    assert refused.value.message


def test_rules_reject_warn_and_fix_and_the_last_word_is_over_the_whole_upload(
    room: UploadsRoom, ana: Principal, send_file: SendFile
) -> None:
    add_rule(room, ana, Rule("rul_1", "town", "town", Required(), Severity.WARN))
    add_rule(room, ana, Rule("rul_2", "mail", "email", Email(), Severity.FIX))
    add_rule(room, ana, Rule("rul_3", "once", None, Unique(("email",), ignore_case=True)))
    content = b"email,town\nA@EXAMPLE.org,Bonn\nnobody,Bonn\nb@example.org,\na@example.org,Kiel\n"
    upload = built(room, ana, send_file(content))
    assert (upload.rows_received, upload.rows_accepted, upload.rows_rejected) == (4, 2, 2)
    manifest = table_of(room, ana, upload.id)
    assert [row["email"] for row in rows_of(room, manifest)] == ["A@example.org", "b@example.org"]
    rejects = rejects_of(room, ana, upload)
    assert [(each["row"], each["code"]) for each in rejects][1] == (3, "duplicate")
    assert rejects[0]["row"] == 1
    assert manifest.issues_rows >= 2, "the fix of row 0 and the empty town of row 2"


@pytest.fixture
def big_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make small uploads take every step a big one takes."""
    monkeypatch.setattr(building, "_AT_ONCE_BYTES", 0)


def files_of(objects: LocalStore) -> dict[str, bytes]:
    return {info.key: objects.get_range(info.key, 0, info.size_bytes) for info in objects.list("tables/")}


@pytest.mark.usefixtures("big_steps")
@pytest.mark.parametrize(("is_noted", "hides_duplicates"), [(True, True), (False, True), (True, False)])
def test_dying_after_any_step_leaves_the_very_same_bytes(
    room: UploadsRoom,
    ana: Principal,
    objects: LocalStore,
    send_file: SendFile,
    is_noted: bool,
    hides_duplicates: bool,
) -> None:
    if hides_duplicates:
        add_rule(room, ana, Rule("rul_3", "once", None, Unique(("email",))))
    chance = random.Random(3)  # noqa: S311
    lines = [f"p{chance.randrange(900)}@example.org,Name {at},{chance.random():.4f}" for at in range(1000)]
    lines[500] = "broken"
    upload_id = send_file("\n".join(["email,name,score", *lines]).encode())
    whole = run_of(room, ana, upload_id)
    build_table(room, whole)
    expected = files_of(objects)
    published = get_upload(room, ana, upload_id)
    assert published.rows_received == 1000 == published.rows_accepted + published.rows_rejected
    for cut_at in range(len(whole.steps)):
        noted: dict[str, object] = {}
        with pytest.raises(Cut):
            build_table(room, run_of(room, ana, upload_id, noted=noted, cut_at=cut_at, is_noted=is_noted))
        build_table(room, run_of(room, ana, upload_id, noted=noted))
        assert files_of(objects) == expected, whole.steps[cut_at]
        assert get_upload(room, ana, upload_id) == published


def test_a_cancelled_build_keeps_what_it_had_done(
    room: UploadsRoom, ana: Principal, send_file: SendFile, big_steps: None
) -> None:
    upload_id = send_file(b"email\n" + b"".join(b"p%d@example.org\n" % at for at in range(100)))
    run = run_of(room, ana, upload_id, context=InlineContext(cancel_after=2))
    with pytest.raises(JobCancelled):
        build_table(room, run)
    for _ in range(2):  # told twice, it counts once
        with room.db.begin() as connection:
            end_upload(room, connection, run.job, JobState.CANCELLED)
    upload = get_upload(room, ana, upload_id)
    assert upload.status is UploadStatus.CANCELLED
    assert upload.rows_accepted == 100, "the portion was finished when the cancel came"
    assert len(rows_of(room, table_of(room, ana, upload_id))) == 100


def test_a_build_does_not_bring_a_deleted_upload_back(
    room: UploadsRoom, ana: Principal, objects: LocalStore, send_file: SendFile, big_steps: None
) -> None:
    upload_id = send_file(b"email\np@example.org\n")
    run = run_of(room, ana, upload_id, cut_at=3)
    with pytest.raises(Cut):
        build_table(room, run)
    erase(room, ana, upload_id)
    with pytest.raises(NotFound):
        build_table(room, InlineRun(run.job, noted=run.noted))
    with room.db.read() as connection:
        assert newest(connection, ana.user_id, TableId(upload_id)) is None


def test_the_rows_of_a_file_count_against_the_key_it_came_with(
    room: UploadsRoom, ana: Principal, send_file: SendFile, database: Database
) -> None:
    accounts = AccountsRoom(db=database)
    made = keys.create(accounts, ana, KeyWish("small", frozenset({Scope.UPLOADS_WRITE}), row_quota=3))
    limited = replace(ana, key_id=made.key.id)
    with pytest.raises(InputError) as refused:
        built(room, limited, send_file(b"email\n" + b"p@example.org\n" * 4, principal=limited))
    assert refused.value.error_code == "row_quota_exceeded"
    upload = built(room, limited, send_file(b"email\n" + b"p@example.org\n" * 2, principal=limited))
    assert upload.rows_accepted == 2
    with pytest.raises(InputError):
        built(room, limited, send_file(b"email\n" + b"p@example.org\n" * 2, principal=limited))


@on_sqlite
def test_different_columns_are_counted_over_all_portions(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    records = [{"email": "p@example.org", f"key {at}": at} for at in range(10_001)]
    receipt = send(records)
    with pytest.raises(InputError) as refused:
        built(room, ana, receipt.upload_id)
    assert refused.value.error_code == "columns_too_many"


def test_finished_uploads_are_counted_by_day_source_and_outcome(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send, send_file: SendFile
) -> None:
    for _ in range(2):
        built(room, ana, send([{"email": "p@example.org"}, {}], on_invalid="skip").upload_id)
    built(room, ana, send_file(b"email\np@example.org\n"))
    with room.db.read() as connection:
        found = {
            (row.user_id, row.source, row.outcome): (row.uploads, row.rows_received, row.rows_rejected)
            for row in connection.execute(select(upload_counters))
        }
    assert found == {
        (ana.user_id, "api", "ready_with_errors"): (2, 4, 2),
        (ana.user_id, "file", "ready"): (1, 1, 0),
    }


class _Interrupted(InlineContext):
    """The database does not answer the second report."""

    def report(self, progress: Progress) -> None:
        super().report(progress)
        if len(self.reports) == 2:
            raise Unavailable("The database is away.", retry_after_seconds=1)


class _TriedTwice(InlineRun):
    """Does a portion again when it failed, as a worker does."""

    def step(self, name: str, work: Callable[[StepContext], Json]) -> Json:
        if name == "portion-0":
            with pytest.raises(Unavailable):
                work(_Interrupted())
        return super().step(name, work)


@pytest.mark.usefixtures("big_steps")
def test_a_portion_that_is_tried_twice_is_not_skipped(
    room: UploadsRoom, ana: Principal, send_file: SendFile
) -> None:
    bad = ["broken"] * 20_000  # as many as one portion holds
    good = [f"p{at}@example.org,Name {at}" for at in range(1000)]
    upload_id = send_file("\n".join(["email,name", *good[:900], *bad, *good[900:]]).encode())
    build_table(room, _TriedTwice(run_of(room, ana, upload_id).job))
    published = get_upload(room, ana, upload_id)
    assert published.rows_received == 21_000
    assert (published.rows_accepted, published.rows_rejected) == (1000, 20_000)
