"""Rows on their way to a destination: refused batches are split, every row is accounted for, nothing is lost in bad weather."""

import pyarrow as pa
import pytest

from muster.errors import Conflict, Unavailable
from muster.exports import deliver as delivering
from muster.exports import deliver_rows
from muster.exports.control import dismiss, retry_failed
from muster.exports.deliver import deliver
from muster.exports.destination import (
    Batch,
    BatchRefused,
    Call,
    NoSettings,
    Operation,
    OutColumn,
    Receipt,
    Refusal,
)
from muster.exports.model import ExportStatus, Outcome
from muster.exports.requests import DismissBody, SuppressionsBody
from muster.exports.suppress import suppress
from tests.exports.exporting import Exports, Inbox, assert_adds_up, numbered
from tests.support.inline_run import Cut, InlineRun

CALL = Call(NoSettings(), None, "exp_x", "x", (OutColumn("email", is_key=True),))


def batch_of(*emails: str) -> Batch:
    return Batch(
        "exp_x-u0", Operation.UPSERT, pa.record_batch({"email": pa.array(emails, pa.large_string())})
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries inside a step wait no time, and every batch is a portion."""
    monkeypatch.setattr(delivering, "_FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(deliver_rows, "_PORTION_SECONDS", 0.0)


def test_a_bad_row_is_found_by_halving_and_all_others_get_through() -> None:
    inbox = Inbox()
    names = [f"p{number}" for number in range(100)]
    inbox.bad = {"p17", "p80"}
    refused = deliver(inbox, batch_of(*names), CALL)
    assert {names[row]: refusal.code for row, refusal in refused.items()} == {
        "p17": "bad_row",
        "p80": "bad_row",
    }
    assert set(inbox.rows) == set(names) - inbox.bad
    assert len({batch_id for batch_id, _, _ in inbox.batches}) == len(inbox.batches)


def test_a_destination_that_names_its_bad_rows_is_asked_twice_not_twenty_times() -> None:
    inbox = Inbox()
    inbox.names_rows = True
    inbox.bad = {"p17", "p80"}
    refused = deliver(inbox, batch_of(*(f"p{number}" for number in range(100))), CALL)
    assert sorted(refused) == [17, 80]
    assert [rows for _, _, rows in inbox.batches] == [100, 98]


def test_single_refusals_inside_a_taken_batch_keep_their_places_through_halving() -> None:
    inbox = Inbox()
    inbox.bad, inbox.picky = {"p3"}, {"p9", "p0"}
    refused = deliver(inbox, batch_of(*(f"p{number}" for number in range(10))), CALL)
    assert {row: refusal.code for row, refusal in refused.items()} == {0: "picky", 3: "bad_row", 9: "picky"}


def test_a_batch_that_is_bad_all_through_costs_a_bounded_number_of_deliveries() -> None:
    inbox = Inbox()
    names = [f"p{number}" for number in range(5000)]
    inbox.bad = set(names)
    refused = deliver(inbox, batch_of(*names), CALL)
    assert len(refused) == 5000
    assert len(inbox.batches) <= delivering.MAX_SPLITS


@pytest.mark.usefixtures("quick")
def test_a_short_outage_is_waited_out_and_a_long_one_is_passed_on() -> None:
    inbox = Inbox()
    inbox.outages = 2
    assert deliver(inbox, batch_of("a"), CALL, lambda _seconds: None) == {}
    inbox.outages = 3
    with pytest.raises(Unavailable):
        deliver(inbox, batch_of("b"), CALL, lambda _seconds: None)


def test_what_the_destination_says_of_everything_ends_the_export() -> None:
    class Closed(Inbox):
        def deliver(self, batch: Batch, call: Call) -> Receipt:
            raise Conflict("No more.", code="closed")

    with pytest.raises(Conflict):
        deliver(Closed(), batch_of("a"), CALL)


def test_one_row_is_never_split() -> None:
    class Strict(Inbox):
        def deliver(self, batch: Batch, call: Call) -> Receipt:
            self.batches.append((batch.id, batch.operation, batch.rows.num_rows))
            raise BatchRefused(Refusal("no", "No."))

    strict = Strict()
    assert set(deliver(strict, batch_of("a"), CALL)) == {0}
    assert len(strict.batches) == 1


@pytest.mark.usefixtures("quick")
def test_failures_are_kept_row_by_row_and_the_others_are_delivered(exports: Exports, inbox: Inbox) -> None:
    upload_id = exports.table(numbered(10), numbered(5, 10))
    inbox.bad, inbox.picky = {"person4@example.com"}, {"person11@example.com"}
    export = exports.done(upload_id, destination="inbox", columns=["email", "first_name"])
    assert export.status is ExportStatus.DONE_WITH_FAILURES
    assert (export.rows, export.counts.written, export.counts.failed) == (15, 13, 2)
    assert len(inbox.rows) == 13
    assert inbox.prepared == 1
    told = exports.outcomes(export, Outcome.FAILED)
    assert [(row.position, row.row_id, row.code, row.message) for row in told] == [
        (4, 4, "bad_row", "This row is bad."),
        (11, 11, "picky", "Not person11@example.com."),
    ]
    assert [(each.code, each.rows) for each in export.counts.failures] == [("bad_row", 1), ("picky", 1)]
    assert exports.outcomes(export, code="picky") == told[1:]


@pytest.mark.usefixtures("quick")
def test_failed_rows_are_tried_again_with_the_values_they_have_by_then(
    exports: Exports, inbox: Inbox
) -> None:
    upload_id = exports.table(numbered(6))
    inbox.bad = {"person1@example.com", "person2@example.com"}
    export = exports.done(upload_id, destination="inbox", columns=["email"])
    exports.edit(upload_id, {1: {"email": "better@example.com"}})
    inbox.batches.clear()
    again = exports.carry_out(retry_failed(exports.house.exports, exports.owner, export.id).id)
    assert_adds_up(again)
    assert again.parent_id == export.id
    assert (again.rows, again.counts.written, again.counts.failed) == (2, 1, 1)
    assert "better@example.com" in inbox.rows
    third = exports.carry_out(retry_failed(exports.house.exports, exports.owner, again.id).id)
    assert (third.rows, third.counts.failed) == (1, 1)
    inbox.bad.clear()
    last = exports.carry_out(retry_failed(exports.house.exports, exports.owner, third.id).id)
    assert last.status is ExportStatus.DONE
    with pytest.raises(Conflict) as refused:
        retry_failed(exports.house.exports, exports.owner, last.id)
    assert refused.value.error_code == "nothing_to_retry"


@pytest.mark.usefixtures("quick")
def test_only_failures_with_these_codes_are_tried_again(exports: Exports, inbox: Inbox) -> None:
    upload_id = exports.table(numbered(6))
    inbox.bad, inbox.picky = {"person1@example.com"}, {"person2@example.com"}
    export = exports.done(upload_id, destination="inbox", columns=["email"])
    inbox.bad, inbox.picky = set(), set()
    again = exports.carry_out(retry_failed(exports.house.exports, exports.owner, export.id, ("picky",)).id)
    assert again.rows == 1
    assert "person2@example.com" in inbox.rows
    assert "person1@example.com" not in inbox.rows


@pytest.mark.usefixtures("quick")
def test_dismissed_rows_are_left_alone_until_they_change(exports: Exports, inbox: Inbox) -> None:
    upload_id = exports.table(numbered(4))
    inbox.bad = {"person1@example.com", "person2@example.com"}
    members = {"destination": "inbox", "columns": ["email"]}
    export = exports.done(upload_id, **members)
    room, ana = exports.house.exports, exports.owner
    assert dismiss(room, ana, export.id, DismissBody(positions=[1])) == 1
    assert dismiss(room, ana, export.id, DismissBody(positions=[1])) == 0
    assert exports.get(export.id).counts.dismissed == 1
    again = exports.carry_out(retry_failed(room, ana, export.id).id)
    assert again.rows == 1
    later = exports.done(upload_id, **members)
    assert (later.counts.written, later.counts.failed) == (2, 1)
    assert later.counts.left_out == {"dismissed": 1}
    exports.edit(upload_id, {1: {"email": "better@example.com"}})
    assert exports.done(upload_id, **members).counts.written == 3


@pytest.mark.usefixtures("quick")
def test_an_export_that_broke_off_goes_on_with_the_rows_nobody_reached(
    exports: Exports, inbox: Inbox
) -> None:
    upload_id = exports.table(numbered(10), numbered(10, 10))
    made = exports.make(upload_id, destination="inbox", columns=["email"])
    run = InlineRun(exports.job(made.id))
    deliver_once = inbox.deliver

    def worsening(batch: Batch, call: Call) -> Receipt:
        if len(inbox.batches) == 2:
            inbox.outages = 100
        return deliver_once(batch, call)

    inbox.deliver = worsening  # type: ignore[method-assign]
    exports.run(run)
    broken = exports.get(made.id)
    assert broken.status is ExportStatus.FAILED
    assert broken.counts.written == 8
    assert broken.pending == 12
    assert broken.reason_code == "destination_unavailable"
    inbox.outages = 0
    inbox.deliver = deliver_once  # type: ignore[method-assign]
    again = exports.carry_out(retry_failed(exports.house.exports, exports.owner, made.id).id)
    assert (again.rows, again.counts.written) == (12, 12)
    assert len(inbox.rows) == 20


@pytest.mark.usefixtures("quick")
def test_a_crash_after_any_step_delivers_every_row_under_the_same_batch_ids(
    exports: Exports, inbox: Inbox
) -> None:
    upload_id = exports.table(numbered(9), numbered(4, 9))
    inbox.bad = {"person5@example.com"}
    members = {"destination": "inbox", "columns": ["email"], "consent": {"column": "consent"}}
    run = InlineRun(exports.job(exports.make(upload_id, **members).id))
    exports.run(run)
    for cut_at in range(len(run.steps)):
        inbox.rows.clear()
        inbox.batches.clear()
        export = exports.make(upload_id, **members)
        cut = InlineRun(exports.job(export.id), cut_at=cut_at, is_noted=cut_at % 2 == 0)
        with pytest.raises(Cut):
            exports.run(cut)
        exports.run(InlineRun(cut.job, noted=cut.noted))
        done = exports.get(export.id)
        assert_adds_up(done)
        assert (done.counts.written, done.counts.failed) == (7, 1)
        assert len(inbox.rows) == 7
        by_id: dict[str, int] = {}
        for batch_id, _, rows in inbox.batches:
            assert by_id.setdefault(batch_id, rows) == rows


def test_suppressed_rows_never_reach_a_destination(exports: Exports, inbox: Inbox) -> None:
    upload_id = exports.table(numbered(4))
    suppress(exports.house.exports, exports.owner, SuppressionsBody(values=["PERSON2@example.com"]))
    export = exports.done(upload_id, destination="inbox", columns=["first_name"], key=["first_name"])
    assert export.counts.left_out == {"suppressed": 1}
    assert "First 2" not in inbox.rows
