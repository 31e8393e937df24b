"""Exports since the last one: who joined, changed, left; what failed comes again; a crash changes nothing."""

import csv
import io
import random

import pytest

from muster.exports import deliver_rows, write_file
from muster.exports.model import Export, Outcome
from muster.exports.requests import SuppressionsBody
from muster.exports.suppress import suppress
from tests.exports.exporting import Exports, Inbox, assert_adds_up
from tests.support.inline_run import Cut, InlineRun

SINCE = {"since": "last", "columns": ["email", "name"], "key": ["email"]}


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_file, "_PORTION_ROWS", 4)
    monkeypatch.setattr(deliver_rows, "_PORTION_SECONDS", 0.0)


def people(*names: str) -> dict[str, list[str | None]]:
    return {"email": [f"{name}@x.de" for name in names], "name": [name.title() for name in names]}


def lines(exports: Exports, export: Export) -> list[tuple[str, ...]]:
    text = exports.file(export).decode()
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]


def test_the_first_export_sends_everyone_and_the_next_only_what_is_different(exports: Exports) -> None:
    upload_id = exports.table(people("ann", "bob", "cid", "dan", "eve"))
    first = exports.done(upload_id, **SINCE)
    assert lines(exports, first) == [
        ("email", "name", "_change"),
        *((f"{name}@x.de", name.title(), "joined") for name in ("ann", "bob", "cid", "dan", "eve")),
    ]
    exports.edit(upload_id, {1: {"name": "Robert"}, 3: {"email": "new@x.de"}})
    second = exports.done(upload_id, **SINCE)
    assert lines(exports, second)[1:] == [
        ("bob@x.de", "Robert", "changed"),
        ("new@x.de", "Dan", "joined"),
        ("dan@x.de", "", "left"),
    ]
    counts = second.counts
    assert (counts.joined, counts.changed, counts.left) == (1, 1, 1)
    assert counts.left_out == {"unchanged": 3}
    assert second.rows == 6
    third = exports.done(upload_id, **SINCE)
    assert lines(exports, third) == [("email", "name", "_change")]
    assert third.counts.left_out == {"unchanged": 5}


def test_of_several_rows_with_one_key_the_first_counts_and_none_is_lost(exports: Exports) -> None:
    upload_id = exports.table(
        {
            "email": ["a@x.de", "b@x.de", "a@x.de", None, ""],
            "name": ["first", "b", "second", "nobody", "none"],
        }
    )
    export = exports.done(upload_id, **SINCE)
    assert [row[:2] for row in lines(exports, export)[1:]] == [("a@x.de", "first"), ("b@x.de", "b")]
    assert export.counts.left_out == {"repeated_key": 1, "key_empty": 2}
    told = {(row.position, row.code) for row in exports.outcomes(export, Outcome.LEFT_OUT)}
    assert told == {(2, "repeated_key"), (3, "key_empty"), (4, "key_empty")}


def test_another_definition_has_another_last_one(exports: Exports) -> None:
    upload_id = exports.table(people("ann", "bob"))
    exports.done(upload_id, **SINCE)
    other = exports.done(upload_id, **{**SINCE, "columns": ["name", "email"]})
    assert other.counts.joined == 2
    renamed = exports.done(upload_id, name="another name", **SINCE)
    assert renamed.counts.joined == 0


def test_somebody_who_is_suppressed_by_now_has_left(exports: Exports, inbox: Inbox) -> None:
    upload_id = exports.table(people("ann", "bob"))
    exports.done(upload_id, destination="inbox", **SINCE)
    assert set(inbox.rows) == {"ann@x.de", "bob@x.de"}
    suppress(exports.house.exports, exports.owner, SuppressionsBody(values=["bob@x.de"]))
    export = exports.done(upload_id, destination="inbox", **SINCE)
    assert set(inbox.rows) == {"ann@x.de"}
    assert export.counts.left == 1
    assert export.counts.left_out == {"suppressed": 1, "unchanged": 1}


def test_what_failed_comes_again_until_it_passes(exports: Exports, inbox: Inbox) -> None:
    upload_id = exports.table(people("ann", "bob", "cid", "dan", "eve"))
    exports.done(upload_id, destination="inbox", **SINCE)
    exports.edit(upload_id, {0: {"name": "Anna"}, 1: {"email": "rob@x.de"}})
    inbox.bad = {"ann@x.de", "rob@x.de", "bob@x.de"}
    second = exports.done(upload_id, destination="inbox", **SINCE)
    assert (second.counts.written, second.counts.failed) == (0, 3)
    failed = exports.outcomes(second, Outcome.FAILED)
    assert {(row.change, row.position) for row in failed} == {("changed", 0), ("joined", 1), ("left", None)}
    inbox.bad = {"rob@x.de"}
    third = exports.done(upload_id, destination="inbox", **SINCE)
    assert (third.counts.written, third.counts.failed) == (2, 1)
    assert "bob@x.de" not in inbox.rows
    inbox.bad = set()
    fourth = exports.done(upload_id, destination="inbox", **SINCE)
    assert (fourth.counts.written, fourth.counts.failed) == (1, 0)
    assert {key: row["name"] for key, row in inbox.rows.items()} == {
        "ann@x.de": "Anna", "rob@x.de": "Bob", "cid@x.de": "Cid", "dan@x.de": "Dan", "eve@x.de": "Eve",
    }  # fmt: skip


def test_the_destination_always_ends_up_with_the_table(exports: Exports, inbox: Inbox) -> None:
    """Random edits and random refusals; once nothing is refused any more, what is there is what the table says."""
    chance = random.Random(11)  # noqa: S311
    names = [f"p{number}" for number in range(12)]
    upload_id = exports.table(people(*names[:5]), people(*names[5:]))
    truth = {row: (f"{name}@x.de", name.title()) for row, name in enumerate(names)}
    for turn in range(5):
        for row in chance.sample(range(12), 4):
            email = chance.choice([truth[row][0], f"q{turn}{row}@x.de"])
            truth[row] = (email, f"name {turn}")
            exports.edit(upload_id, {row: {"email": email, "name": f"name {turn}"}})
        everybody = sorted({email for email, _ in truth.values()} | set(inbox.rows))
        inbox.bad = set(chance.sample(everybody, 3)) if turn < 4 else set()
        exports.done(upload_id, destination="inbox", **SINCE)
    assert {key: row["name"] for key, row in inbox.rows.items()} == dict(truth.values())


@pytest.mark.parametrize("destination", ["inbox", "download"])
def test_a_crash_after_any_step_ends_in_the_same(exports: Exports, inbox: Inbox, destination: str) -> None:
    inbox.bad = {"p2@x.de"}

    def prepared() -> str:
        upload_id = exports.table(people(*(f"p{number}" for number in range(6))))
        inbox.rows.clear()
        exports.done(upload_id, destination=destination, **SINCE)
        exports.edit(upload_id, {1: {"name": "changed"}, 4: {"email": "new@x.de"}})
        return upload_id

    upload_id = prepared()
    run = InlineRun(exports.job(exports.make(upload_id, destination=destination, **SINCE).id))
    exports.run(run)
    whole = exports.get(run.job.subject)
    rows = dict(inbox.rows)
    for cut_at in range(0, len(run.steps), 2):
        upload_id = prepared()
        export = exports.make(upload_id, destination=destination, **SINCE)
        cut = InlineRun(exports.job(export.id), cut_at=cut_at, is_noted=cut_at % 4 == 0)
        with pytest.raises(Cut):
            exports.run(cut)
        exports.run(InlineRun(cut.job, noted=cut.noted))
        again = exports.get(export.id)
        assert_adds_up(again)
        assert (again.counts.written, again.counts.failed) == (whole.counts.written, whole.counts.failed)
        if destination == "inbox":
            assert inbox.rows == rows
        else:
            assert lines(exports, again) == lines(exports, whole)
        inbox.bad = {"p2@x.de"}
        assert exports.done(upload_id, destination=destination, **SINCE).counts.written == 0
