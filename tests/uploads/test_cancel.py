"""Cancel, pause, resume and reprocess: what they ask of the job, and what they refuse."""

from collections.abc import Callable
from typing import Any

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict, Forbidden, MusterError, NotFound
from muster.jobs import store as job_store
from muster.jobs.model import Job, JobState, Wanted
from muster.jobs.read import newest_job
from muster.uploads.bulk import Operation, bulk
from muster.uploads.cancel import cancel, pause, resume
from muster.uploads.file_model import FileWish
from muster.uploads.follow import is_at_rest, missed
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.read import get_upload
from muster.uploads.receive_file import receive_file, store_file
from muster.uploads.reprocess import reprocess
from muster.uploads.room import UploadsRoom
from tests.support.clock import SettableClock

VERBS = [cancel, pause, resume, reprocess]


def new(room: UploadsRoom, principal: Principal, *, auto: bool = True) -> Upload:
    stored = store_file(room, iter([b"email\na@example.org\n"]))
    return receive_file(room, principal, stored, FileWish("Spring", is_auto=auto)).upload


def job_of(room: UploadsRoom, principal: Principal, upload: Upload) -> Job:
    with room.db.read() as connection:
        job = newest_job(connection, principal.user_id, upload.id)
    assert job is not None
    return job


def end_job(room: UploadsRoom, principal: Principal, upload: Upload) -> None:
    with room.db.begin() as connection:
        job_store.finish(
            connection,
            job_of(room, principal, upload).id,
            JobState.FAILED,
            ("broken", "It broke."),
            room.clock(),
        )


def code(verb: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(MusterError) as refused:
        verb(*arguments)
    return refused.value.error_code


@pytest.mark.parametrize("verb", VERBS)
def test_another_user_has_no_say(
    room: UploadsRoom, ana: Principal, ben: Principal, verb: Callable[..., Any]
) -> None:
    upload = new(room, ana)
    with pytest.raises(Forbidden):
        verb(room, ben, upload.id)
    with pytest.raises(NotFound):
        verb(room, ana, "upl_1_none")
    assert job_of(room, ana, upload).wanted is None


def test_a_job_is_told_to_stop(room: UploadsRoom, ana: Principal) -> None:
    upload = new(room, ana)
    cancel(room, ana, upload.id)
    cancel(room, ana, upload.id)
    assert job_of(room, ana, upload).wanted is Wanted.CANCEL


def test_a_file_that_waits_for_a_mapping_is_cancelled_at_once(room: UploadsRoom, ana: Principal) -> None:
    upload = new(room, ana, auto=False)
    assert cancel(room, ana, upload.id).status is UploadStatus.CANCELLED
    assert code(cancel, room, ana, upload.id) == "nothing_to_cancel"
    # Its bytes are there, so it can be read after all.
    assert reprocess(room, ana, upload.id).status is UploadStatus.UPLOADED
    assert job_of(room, ana, upload).state is JobState.QUEUED


def test_a_job_rests_and_goes_on(room: UploadsRoom, ana: Principal) -> None:
    upload = new(room, ana)
    pause(room, ana, upload.id)
    assert job_of(room, ana, upload).state is JobState.PAUSED
    resume(room, ana, upload.id)
    assert job_of(room, ana, upload).state is JobState.QUEUED
    end_job(room, ana, upload)
    assert code(pause, room, ana, upload.id) == "nothing_to_pause"
    assert code(resume, room, ana, upload.id) == "nothing_to_resume"


def test_reprocess_waits_for_the_work_before_and_for_a_decision(
    room: UploadsRoom, ana: Principal, clock: SettableClock
) -> None:
    upload = new(room, ana)
    assert code(reprocess, room, ana, upload.id) == "upload_busy"
    first = job_of(room, ana, upload).id
    end_job(room, ana, upload)
    clock.advance(1)
    reprocess(room, ana, upload.id)
    assert job_of(room, ana, upload).id != first
    undecided = new(room, ana, auto=False)
    assert code(reprocess, room, ana, undecided.id) == "mapping_undecided"


def test_several_are_cancelled_each_on_its_own(room: UploadsRoom, ana: Principal, ben: Principal) -> None:
    mine, other, idle = new(room, ana), new(room, ben), new(room, ana, auto=False)
    cancel(room, ana, idle.id)
    outcomes = bulk(room, ana, Operation.CANCEL, [mine.id, other.id, idle.id, "upl_1_none"])
    refusals = [type(outcome.refusal) for outcome in outcomes]
    assert refusals == [type(None), Forbidden, Conflict, NotFound]
    assert job_of(room, ana, mine).wanted is Wanted.CANCEL
    assert job_of(room, ben, other).wanted is None


def test_what_happened_is_told_in_order_and_only_to_its_owner(
    room: UploadsRoom, ana: Principal, ben: Principal
) -> None:
    upload = new(room, ana)
    assert not is_at_rest(room, ana, upload.id)
    end_job(room, ana, upload)
    events = missed(room, ana, upload.id, 0)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert events[-1].kind.value == "done"
    assert missed(room, ana, upload.id, events[-2].number) == events[-1:]
    assert missed(room, ben, upload.id, 0) == []
    assert is_at_rest(room, ana, upload.id)
    assert get_upload(room, ana, upload.id).id == upload.id
