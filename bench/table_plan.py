"""MAP: what one run of the table benchmark measures, at which sizes and how often; `FULL` and `QUICK`."""

from dataclasses import dataclass, replace

PEERS = ("pandas", "sqlite3", "sqlite-utils")


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """Medians in milliseconds that windows of a table of `rows` must stay under."""

    rows: int
    unfiltered: float
    filtered: float
    sorted: float
    later: float


WINDOW_LIMITS = (
    WindowLimits(1_000_000, 25, 60, 150, 25),
    WindowLimits(10_000_000, 60, 350, 1600, 40),
)
"""Promised for these sizes; any other size is judged by the next larger one."""


@dataclass(frozen=True, slots=True)
class Load:
    """One size of CSV. rounds: turns of the engine and of Muster, one after the other."""

    rows: int
    rounds: int
    windows: int
    filters: int
    sorts: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run does.

    planted_every: one broken row in so many. other_rows: of the other formats; peer_rows: what the peers get.
    profile_rows: of the table of 14 columns. batches: of `batch_rows` records each.
    """

    name: str
    loads: tuple[Load, ...]
    planted_every: int
    other_rows: int
    xlsx_rows: int
    profile_rows: int
    profile_rounds: int
    batches: int
    peer_rows: int
    peers: tuple[str, ...] = PEERS
    pandas_large: bool = False
    batch_rows: int = 50_000
    limit_seconds: float = 900
    """No single step may take longer; it then counts as failed."""


FULL = Plan(
    name="full",
    loads=(Load(1_000_000, 3, 200, 30, 20), Load(10_000_000, 2, 100, 18, 8)),
    planted_every=500_000,
    other_rows=1_000_000,
    xlsx_rows=100_000,
    profile_rows=1_000_000,
    profile_rounds=5,
    batches=7,
    peer_rows=1_000_000,
    pandas_large=True,
)

QUICK = Plan(
    name="quick",
    loads=(Load(100_000, 2, 40, 12, 8),),
    planted_every=2_000,
    other_rows=50_000,
    xlsx_rows=10_000,
    profile_rows=100_000,
    profile_rounds=3,
    batches=5,
    peer_rows=20_000,
    limit_seconds=120,
)


def with_rows(plan: Plan, rows: tuple[int, ...]) -> Plan:
    """`plan` for other sizes, each measured as often as the planned size nearest to it."""
    nearest = [min(plan.loads, key=lambda load: abs(load.rows - size)) for size in rows]
    return replace(
        plan,
        loads=tuple(replace(load, rows=size) for load, size in zip(nearest, rows, strict=True)),
    )
