"""A deleted upload leaves no trace: not in the database, not in its log, not in the store."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster.accounts.model import Principal
from muster.db.database import Database
from muster.errors import Unavailable
from muster.jobs import store as job_store
from muster.jobs.kinds import StepContext
from muster.jobs.model import Job, JobState, Json, Progress, Wanted
from muster.jobs.read import newest_job
from muster.objects.keys import manifest, table_file
from muster.objects.local import LocalStore
from muster.uploads.erase import erase
from muster.uploads.erase_job import erase_kind
from muster.uploads.file_model import FileWish
from muster.uploads.job_state import ERASE
from muster.uploads.receive_file import receive_file, store_file
from muster.uploads.rename import rename
from muster.uploads.resumable import append, begin, create
from muster.uploads.room import UploadsRoom
from muster.uploads.tus import metadata_header, parse_creation
from tests.uploads.conftest import Send

MARK = "quokka"


class Told(StepContext):
    def __init__(self) -> None:
        self.reports: list[Progress] = []

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)


class OneRun:
    """A run of a job whose steps are done at once."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.told = Told()

    def step(self, name: str, work: Callable[[StepContext], Json]) -> Json:
        answer = work(self.told)
        assert json.loads(json.dumps(answer)) == answer
        return answer


def traces(root: Path) -> Iterator[str]:
    """Every file below `root` with the marker in its bytes or its name."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and (MARK.encode() in path.read_bytes() or MARK in path.name):
            yield str(path.relative_to(root))


def run_erasures(room: UploadsRoom) -> int:
    """Do every erasure that is queued; returns how many."""
    with room.db.begin() as connection:
        waiting = [job_store.find(connection, queued.id) for queued in job_store.waiting(connection, 100)]
    jobs = [job for job in waiting if job is not None and job.kind == ERASE]
    for job in jobs:
        with room.db.begin() as connection:
            job_store.claim(connection, job.id, room.clock())
        erase_kind(room).run(OneRun(job))
        with room.db.begin() as connection:
            job_store.finish(connection, job.id, JobState.DONE, None, room.clock())
    return len(jobs)


def fill(room: UploadsRoom, ana: Principal, send: Send) -> list[str]:
    """Uploads of every kind that say the marker wherever something can be said."""
    batch = send([{"email": f"{MARK}@example.org", MARK: MARK}] * 50, upload_name=f"{MARK} batch").upload_id
    rename(room, ana, batch, f"{MARK} renamed")
    content = f"email\n{MARK}@example.org\n".encode() * 100
    wish = FileWish(f"{MARK} upload", f"{MARK}.csv", f"text/{MARK}")
    whole = receive_file(room, ana, store_file(room, iter([content])), wish).upload.id
    told = metadata_header({"filename": f"{MARK}.csv", "secret": MARK})
    # The metadata is encoded on the way and kept as text.
    creation = parse_creation(str(len(content)), None, told)
    part = create(room, ana, creation).upload_id
    append(room, ana, begin(room, ana, part, 0), iter([content[:500]]))
    done = create(room, ana, creation).upload_id
    append(room, ana, begin(room, ana, done, 0), iter([content]))
    for upload_id in (whole, done):
        room.objects.put(table_file(upload_id, "job_1", "g0/part-00000.parquet"), [MARK.encode()])
        room.objects.put(manifest(upload_id, 1), [MARK.encode()])
    cached = room.tables.cache
    cached.path(table_file(whole, "job_1", "g0/part-00000.parquet"))
    return [batch, whole, part, done]


def test_nothing_of_a_deleted_upload_can_be_found_in_any_file(
    room: UploadsRoom, ana: Principal, send: Send, tmp_path: Path, objects: LocalStore
) -> None:
    others = [
        send([{"email": f"{number}@example.org"}], upload_name=f"kept {number}") for number in range(20)
    ]
    uploads = fill(room, ana, send)
    assert list(traces(tmp_path)), "the search finds nothing even before"
    for upload_id in uploads:
        erase(room, ana, upload_id)
    assert run_erasures(room) >= 3
    assert list(traces(tmp_path)) == []
    left = {found.key.split("/")[2] for prefix in ("uploads/", "tables/") for found in objects.list(prefix)}
    assert left == {receipt.upload_id for receipt in others}


def test_jobs_and_events_of_a_deleted_upload_are_forgotten(room: UploadsRoom, ana: Principal) -> None:
    upload_id = receive_file(room, ana, store_file(room, iter([b"x"])), FileWish()).upload.id
    erase(room, ana, upload_id)
    with room.db.read() as connection:
        job = newest_job(connection, ana.user_id, upload_id)
    assert job is not None
    assert (job.kind, job.payload) == (ERASE, {})


def test_a_job_that_still_runs_is_told_to_stop_and_waited_for(room: UploadsRoom, ana: Principal) -> None:
    upload_id = receive_file(room, ana, store_file(room, iter([b"x"])), FileWish()).upload.id
    with room.db.begin() as connection:
        build = newest_job(connection, ana.user_id, upload_id)
        assert build is not None
        job_store.claim(connection, build.id, room.clock())
    erase(room, ana, upload_id)
    with room.db.read() as connection:
        running = job_store.find(connection, build.id)
    assert running is not None
    assert running.wanted is Wanted.CANCEL
    with pytest.raises(Unavailable):
        run_erasures(room)
    # It writes once more before it hears of it.
    room.objects.put(table_file(upload_id, build.id, "part"), [MARK.encode()])
    with room.db.begin() as connection:
        job_store.finish(connection, build.id, JobState.CANCELLED, None, room.clock())
        [erasure] = [
            job_store.find(connection, job.id) for job in job_store.running(connection) if job.kind == ERASE
        ]
    assert erasure is not None
    erase_kind(room).run(OneRun(erasure))
    assert list(room.objects.list("tables/")) == []


def test_the_erasure_may_run_twice_and_stop_anywhere(
    room: UploadsRoom, ana: Principal, database: Database
) -> None:
    upload_id = receive_file(room, ana, store_file(room, iter([b"x"])), FileWish()).upload.id
    erase(room, ana, upload_id)
    with room.db.begin() as connection:
        [queued] = job_store.waiting(connection, 9)
        job = job_store.find(connection, queued.id)
    assert job is not None
    for _ in range(2):
        erase_kind(room).run(OneRun(job))
    assert list(room.objects.list("uploads/")) == []
