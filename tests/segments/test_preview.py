"""Previews that nobody waits for any more end; others are not touched."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.ids import UserId
from muster.predicates.model import AllOf, Leaf, Operator
from muster.segments.model import By, Dedupe, Definition, Identity
from muster.segments.preview import PreviewWish, preview
from muster.segments.room import SegmentsRoom
from muster.segments.running import RunningPreviews
from muster.tables.stop import Stop
from tests.segments.conftest import Tables
from tests.support.job_fixtures import wait_for

ADA, BOB = UserId("usr_ada"), UserId("usr_bob")


def test_a_newer_preview_with_the_same_token_ends_the_one_before_and_no_other() -> None:
    running = RunningPreviews()
    first, second, other, of_bob, without = (Stop() for _ in range(5))
    with (
        running.one(ADA, "t", first), running.one(ADA, "u", other), running.one(BOB, "t", of_bob), running.one(ADA, None, without),
    ):  # fmt: skip
        with running.one(ADA, "t", second):
            assert first.reason is not None
            assert first.reason.error_code == "preview_superseded"
        assert [stop.reason for stop in (second, other, of_bob, without)] == [None] * 4
        with running.one(ADA, None, Stop()):
            assert without.reason is None
    # Nothing is remembered of those that are over.
    last = Stop()
    with running.one(ADA, "t", last):
        assert second.reason is None
    assert last.reason is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_superseded_preview_answers_so_while_it_works_and_the_newer_one_counts(
    room: SegmentsRoom, ana: Principal, tables: Tables
) -> None:
    # Numbers that have to be read one by one take a second or two, which both can use.
    upload_id = tables.add([{"phone": f"030 90{at:05d}", "n": str(at)} for at in range(12_000)])
    dedupe = Dedupe(Identity(By.PHONE, ("phone",), region="DE"))
    definition = Definition((upload_id,), Leaf("n", Operator.STARTS_WITH, ("1",)), dedupe)
    wish = PreviewWish(definition, token="builder")
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(preview, room, ana, wish, Stop())
        wait_for(room.previews.tokens, bool)
        second = threads.submit(preview, room, ana, wish, Stop())
        with pytest.raises(Conflict) as refused:
            first.result(60)
        assert refused.value.error_code == "preview_superseded"
        assert second.result(60).count == sum(str(at).startswith("1") for at in range(12_000))
    assert room.previews.tokens() == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_preview_of_a_client_that_went_away_ends(
    room: SegmentsRoom, ana: Principal, tables: Tables
) -> None:
    upload_id = tables.add([{"n": str(at)} for at in range(100)])
    stop = Stop()
    stop.now(Conflict("The client went away.", code="client_gone"))
    with pytest.raises(Conflict) as refused:
        preview(room, ana, PreviewWish(Definition((upload_id,))), stop)
    assert refused.value.error_code == "client_gone"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_previews_at_the_same_time_do_not_mix(room: SegmentsRoom, ana: Principal, tables: Tables) -> None:
    upload_id = tables.add([{"n": str(at % 50)} for at in range(5_000)])
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        tree = AllOf((Leaf("n", Operator.EQ, (str(number),)), Leaf("n", Operator.IS_NOT_EMPTY)))
        seen = preview(room, ana, PreviewWish(Definition((upload_id,), tree), token=f"t{number}"), Stop())
        found[number] = seen.count

    threads = [threading.Thread(target=ask, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == dict.fromkeys(range(12), 100)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_sample_is_spread_over_all_members_and_the_same_each_time(
    room: SegmentsRoom, ana: Principal, tables: Tables
) -> None:
    uploads = [tables.add([{"n": str(at)} for at in range(3_000)]) for _ in range(2)]
    wish = PreviewWish(Definition(tuple(uploads)), sample=100)
    first, again = (preview(room, ana, wish, Stop()).sample for _ in range(2))
    assert [(row.upload_id, row.row_id) for row in first] == [(row.upload_id, row.row_id) for row in again]
    assert len({(row.upload_id, row.row_id) for row in first}) == 100
    for part in range(6):
        assert any(row.row_id // 500 == part for row in first), part
    assert {row.upload_id for row in first} == set(uploads)
