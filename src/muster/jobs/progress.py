"""How fast a job is and how long it will take: arithmetic on what it reported lately."""

from collections import deque
from typing import Any

from muster.jobs.model import Progress

_WINDOW_SECONDS = 10.0
_LEAST_SECONDS = 0.2


class Meter:
    """Measures one run of a job; speeds are means over the last ten seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Progress]] = deque()

    def measure(self, progress: Progress, at_seconds: float) -> dict[str, Any]:
        """What the event about `progress` says; at_seconds: of any clock that never goes back.

        rows_per_second and seconds_left are None as long as there is too little to tell from. A new phase
        starts to count anew: its units are others.
        """
        if self._seen and self._seen[-1][1].phase != progress.phase:
            self._seen.clear()
        self._seen.append((at_seconds, progress))
        while at_seconds - self._seen[0][0] > _WINDOW_SECONDS and len(self._seen) > 2:
            self._seen.popleft()
        since, first = self._seen[0]
        seconds = at_seconds - since
        rows_per_second = done_per_second = None
        if seconds >= _LEAST_SECONDS:
            rows_per_second = round((_rows(progress) - _rows(first)) / seconds)
            done_per_second = (progress.done - first.done) / seconds
        seconds_left = None
        if progress.total is not None and done_per_second:
            seconds_left = round(max(progress.total - progress.done, 0) / done_per_second, 1)
        return {
            "phase": progress.phase,
            "done": progress.done,
            "total": progress.total,
            "unit": progress.unit,
            "rows_accepted": progress.rows_accepted,
            "rows_rejected": progress.rows_rejected,
            "rows_per_second": rows_per_second,
            "seconds_left": seconds_left,
        }


def _rows(progress: Progress) -> int:
    return progress.rows_accepted + progress.rows_rejected
