"""Work that has to be done now and then, by one worker at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """Run `run` once every `every`, in one worker of all. name: stable, at most 80 characters.

    `run` is short (minutes at most), may be run again after a crash, and raises MusterError when it cannot be
    done now; it is then tried at its next time. Times missed while no worker ran are made up for by one run.
    """

    name: str
    every: timedelta
    run: Callable[[], None]
