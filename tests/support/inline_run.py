"""A job run without an engine: steps are done at once and remembered, and a run may be cut off after any step."""

from collections.abc import Callable
from dataclasses import dataclass, field

from muster.jobs.kinds import StepContext
from muster.jobs.model import Job, JobCancelled, Json, Progress


class Cut(BaseException):
    """The process died here."""


@dataclass
class InlineContext:
    """Keeps what steps report; cancels the job once `cancel_after` reports were made."""

    reports: list[Progress] = field(default_factory=list)
    cancel_after: int | None = None

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)
        if self.cancel_after is not None and len(self.reports) > self.cancel_after:
            raise JobCancelled("Cancelled.")

    def is_to_rest(self) -> bool:
        return False


@dataclass
class InlineRun:
    """What `jobs.kinds.JobRun` promises, in memory.

    noted: results of finished steps; hand the same dictionary to the run that follows a cut.
    cut_at: the number of the step after whose work the process dies; noted first, or not.
    """

    job: Job
    noted: dict[str, Json] = field(default_factory=dict)
    cut_at: int | None = None
    is_noted: bool = True
    context: InlineContext = field(default_factory=InlineContext)
    steps: list[str] = field(default_factory=list)

    def step(self, name: str, work: Callable[[StepContext], Json]) -> Json:
        self.steps.append(name)
        if name in self.noted:
            return self.noted[name]
        result = work(self.context)
        is_last = self.cut_at is not None and len(self.steps) > self.cut_at
        if not is_last or self.is_noted:
            self.noted[name] = result
        if is_last:
            raise Cut
        return result
