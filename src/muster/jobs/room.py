"""What the jobs room needs."""

from dataclasses import dataclass

from muster.clock import Clock
from muster.db.database import Database


@dataclass(frozen=True, slots=True)
class JobsRoom:
    """db holds the jobs; everything else a job touches its kind brings along."""

    db: Database
    clock: Clock
