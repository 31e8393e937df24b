"""The job that carries out a run; killed anywhere, it goes on from there.

A step ends after a few seconds of asking, so it pauses, and is taken up again, close to where it was. What a
provider answered is in the cache before anything else, so a step that runs twice pays once.
"""

from contextlib import closing
from functools import partial

import msgspec

from muster.db.database import Connection
from muster.enrichments import apply
from muster.enrichments.model import RunStatus, StepCounts
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.start import KIND
from muster.enrichments.steps import Stand, Work, release_memory
from muster.enrichments.store import RunStore
from muster.jobs.kinds import JobKind, JobRun
from muster.jobs.model import Job, JobState


def enrich_kind(room: EnrichmentsRoom) -> JobKind:
    """How runs are carried out, and what becomes of one that does not end well."""

    def ended(connection: Connection, job: Job, state: JobState) -> None:
        end_run(room, connection, job, state)

    return JobKind(KIND, partial(enrich, room), ended)


def enrich(room: EnrichmentsRoom, run: JobRun) -> None:
    """Ask every provider in its turn, then give the rows what was found."""
    with closing(Work(room, run.job)) as work:
        begun = run.step("begin", work.begin)
        stand = Stand(begun["rows"], begun["already"], [], {})
        for step in range(run.job.payload["steps"]):
            _ask(run, work, stand, step)
        written = run.step("write", partial(apply.write, work, stand))
        run.step("publish", partial(apply.publish, work, apply.joined_counts(stand, written), written))


def _ask(run: JobRun, work: Work, stand: Stand, step: int) -> None:
    """All inputs of one provider; `stand` knows afterwards what came of them."""
    inputs = run.step(f"inputs-{step}", partial(work.inputs, step, stand))
    stand.steps.append(StepCounts(rows=inputs["rows"], inputs=inputs["inputs"]))
    if inputs["joined"]:
        stand.joined.add(step)
        if inputs["kept"]:
            stand.offsets[step] = [0]
        return
    offset = 0
    while offset < inputs["inputs"]:
        told = run.step(f"ask-{step}-{offset}", partial(work.asked, step, offset, stand))
        if told["next"] > offset:
            stand.offsets.setdefault(step, []).append(offset)
        stand.steps[step] = msgspec.convert(told["counts"], StepCounts)
        offset = told["next"]
        release_memory()


def end_run(room: EnrichmentsRoom, connection: Connection, job: Job, state: JobState) -> None:
    """A run that did not end well: say why. What was answered stays in the cache."""
    now = room.clock()
    RunStore(connection, job.user_id).change(
        job.subject,
        now,
        status=RunStatus.CANCELLED if state is JobState.CANCELLED else RunStatus.FAILED,
        reason_code=job.reason_code,
        reason=job.reason,
        finished_at=now,
    )
