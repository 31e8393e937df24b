"""Exports that are made again and again, files that expire, and what is left behind and found."""

from datetime import timedelta

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict, Forbidden, InputError, NotFound
from muster.exports.erase import erase
from muster.exports.erase_job import erase_export_kind
from muster.exports.model import ExportStatus
from muster.exports.read import list_exports
from muster.exports.requests import ExportBody, ScheduleBody, ScheduleChange
from muster.exports.schedule_store import ExportSchedule
from muster.exports.schedules import (
    change_schedule,
    create_schedule,
    delete_schedule,
    get_schedule,
    list_schedules,
    run_due,
    run_now,
)
from muster.exports.store import ExportFilter
from muster.exports.sweep import sweep
from muster.exports.work import rows_key
from muster.objects.keys import export_file, export_state
from tests.exports.exporting import Exports, numbered
from tests.support.clock import SettableClock
from tests.support.inline_run import Cut, InlineRun


def scheduled(exports: Exports, upload_id: str, **members: object) -> ExportSchedule:
    body = ScheduleBody(every_minutes=60, export=ExportBody(upload_id=upload_id, **members))  # type: ignore[arg-type]
    return create_schedule(exports.house.exports, exports.owner, body)


def made_by(exports: Exports, schedule: ExportSchedule) -> list[str]:
    wanted = ExportFilter(schedule_id=schedule.id)
    page = list_exports(exports.house.exports, exports.owner, wanted, 100, None)
    return [listed.export.id for listed in page.exports]


def test_an_export_is_made_when_it_is_due_and_once_for_all_times_missed(
    exports: Exports, clock: SettableClock
) -> None:
    room = exports.house.exports
    schedule = scheduled(exports, exports.table(numbered(2)))
    assert run_due(room) == 1
    assert run_due(room) == 0
    (first,) = made_by(exports, schedule)
    exports.carry_out(first)
    clock.advance(5 * 3600 + 100)
    assert run_due(room) == 1
    assert len(made_by(exports, schedule)) == 2
    now, last = get_schedule(room, exports.owner, schedule.id)
    assert now.next_at == schedule.next_at + timedelta(hours=6)
    assert last is not None
    assert last.schedule_id == schedule.id


def test_a_run_is_passed_over_while_the_last_one_works(exports: Exports, clock: SettableClock) -> None:
    room = exports.house.exports
    schedule = scheduled(exports, exports.table(numbered(2)))
    run_due(room)
    clock.advance(3700)
    assert run_due(room) == 0
    with pytest.raises(Conflict) as refused:
        run_now(room, exports.owner, schedule.id)
    assert refused.value.error_code == "export_at_work"
    exports.carry_out(made_by(exports, schedule)[0])
    assert run_now(room, exports.owner, schedule.id).schedule_id == schedule.id


def test_a_schedule_since_the_last_sends_what_is_different_each_time(
    exports: Exports, clock: SettableClock
) -> None:
    upload_id = exports.table(numbered(4))
    schedule = scheduled(exports, upload_id, since="last", columns=["email", "first_name"])
    run_due(exports.house.exports)
    assert exports.carry_out(made_by(exports, schedule)[0]).counts.joined == 4
    exports.edit(upload_id, {2: {"first_name": "other"}})
    clock.advance(3700)
    run_due(exports.house.exports)
    second = exports.carry_out(made_by(exports, schedule)[0])
    assert (second.counts.joined, second.counts.changed) == (0, 1)


def test_a_schedule_that_cannot_begin_says_why_and_waits_for_its_next_time(
    exports: Exports, clock: SettableClock
) -> None:
    upload_id = exports.table(numbered(2))
    schedule = scheduled(exports, upload_id)
    with exports.house.db.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tables")
    assert run_due(exports.house.exports) == 0
    told, _ = get_schedule(exports.house.exports, exports.owner, schedule.id)
    assert told.last_error_code is not None
    assert told.next_at > clock()


def test_what_is_changed_of_a_schedule_is_changed_and_nothing_else(exports: Exports) -> None:
    room = exports.house.exports
    schedule = scheduled(exports, exports.table(numbered(2)))
    after, _ = change_schedule(room, exports.owner, schedule.id, ScheduleChange(enabled=False))
    assert (after.enabled, after.name, after.definition) == (False, schedule.name, schedule.definition)
    assert run_due(room) == 0
    with pytest.raises(InputError):
        create_schedule(
            room,
            exports.owner,
            ScheduleBody(every_minutes=60, export=ExportBody(segment_id="seg_x", version=3)),
        )
    delete_schedule(room, exports.owner, schedule.id)
    with pytest.raises(NotFound):
        get_schedule(room, exports.owner, schedule.id)


def test_the_list_says_how_the_last_export_of_each_schedule_ended(exports: Exports) -> None:
    room = exports.house.exports
    upload_id = exports.table(numbered(2))
    ran, waiting = (scheduled(exports, upload_id, name=name) for name in ("Ran", "Waits"))
    made = run_now(room, exports.owner, ran.id)
    exports.carry_out(made.id)
    listed, _, total = list_schedules(room, exports.owner, 10, None)
    assert total == 2
    ended = {schedule.id: None if last is None else (last.id, last.status) for schedule, last in listed}
    assert ended == {ran.id: (made.id, ExportStatus.DONE), waiting.id: None}
    erase(room, exports.owner, made.id)
    listed, _, _ = list_schedules(room, exports.owner, 10, None)
    assert [last for _, last in listed] == [None, None]


def test_anothers_schedule_is_not_for_you(exports: Exports, ben: Principal) -> None:
    schedule = scheduled(exports, exports.table(numbered(2)))
    with pytest.raises(Forbidden):
        get_schedule(exports.house.exports, ben, schedule.id)


def test_files_go_after_their_days_and_the_rest_stays(exports: Exports, clock: SettableClock) -> None:
    room = exports.house.exports
    upload_id = exports.table(numbered(3))
    export = exports.done(upload_id, consent={"column": "consent"})
    assert sweep(room) == 0
    clock.advance(7 * 24 * 3600 + 1)
    with pytest.raises(NotFound) as refused:
        exports.file(export)
    assert refused.value.error_code == "export_file_gone"
    assert sweep(room) == 1
    again = exports.get(export.id)
    assert again.file is None
    assert again.counts == export.counts
    assert exports.outcomes(again)


def test_leftovers_are_found_after_a_day_and_what_is_in_use_is_not(
    exports: Exports, clock: SettableClock
) -> None:
    room = exports.house.exports
    kept = exports.done(exports.table(numbered(3)), since="last", columns=["email"])
    dead = exports.make(exports.table(numbered(3)), format="parquet")
    with pytest.raises(Cut):
        exports.run(InlineRun(exports.job(dead.id), cut_at=1))
    stray = export_file("exp_" + "0" * 22, "file/000000")
    old_state = export_state(kept.series, "exp_" + "0" * 22)
    left = export_file(kept.id, "work/rows-000000.parquet")
    for key in (stray, old_state, left):
        room.objects.put(key, [b"x"])
    assert sweep(room) == 0
    clock.advance(25 * 3600)
    assert sweep(room) == 3
    there = {found.key for found in room.objects.list("")}
    assert not there & {stray, old_state, left}
    assert rows_key(dead.id, 0) in there
    assert export_state(kept.series, kept.id) in there
    assert exports.file(exports.get(kept.id))


def test_deleting_an_export_at_work_ends_it_and_leaves_nothing(exports: Exports) -> None:
    room = exports.house.exports
    export = exports.make(exports.table(numbered(3)), format="parquet", since="last", columns=["email"])
    running = exports.job(export.id)
    with pytest.raises(Cut):
        exports.run(InlineRun(running, cut_at=2))
    erase(room, exports.owner, export.id)
    with pytest.raises(NotFound):
        exports.get(export.id)
    erasing = exports.job(export.id)
    erase_export_kind(room).run(InlineRun(erasing))
    assert list(room.objects.list("exports/")) == []


def test_a_job_that_does_not_succeed_leaves_no_file_behind(exports: Exports, clock: SettableClock) -> None:
    upload_id = exports.table(numbered(3))
    export = exports.make(upload_id)
    clock.advance(1)
    with exports.house.db.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tables")
    failed = exports.carry_out(export.id)
    assert failed.status is ExportStatus.FAILED
    assert failed.reason_code is not None
    erase_export_kind(exports.house.exports).run(InlineRun(exports.job(export.id)))
    assert list(exports.house.objects.list("exports/")) == []
