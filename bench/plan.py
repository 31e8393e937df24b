"""MAP: what one benchmark run measures, how often and for how long; `FULL` for figures, `QUICK` for a look.

Rounds are interleaved: within a cell every server has its turn before any has its second, and the one that
begins changes from round to round, so that a noisy neighbour or a busy disk meets all of them alike.
"""

from dataclasses import dataclass, replace

import bodies

SERVERS = ("floor", "naive", "node", "node4", "next", "muster")
_MAIN = ("floor", "naive", "node", "muster")
_WITHOUT_NAIVE = ("floor", "node", "muster")


@dataclass(frozen=True, slots=True)
class Cell:
    """One body at one number of clients; `seconds` is the length of one server's turn."""

    body: str
    clients: int
    rounds: int
    seconds: float
    servers: tuple[str, ...] = SERVERS


@dataclass(frozen=True, slots=True)
class Tail:
    """Tiny posts by one client, alone and while `clients` others post small bodies without pause."""

    servers: tuple[str, ...]
    rounds: int
    alone_seconds: float
    loaded_seconds: float
    clients: int = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """Small bodies posted by `clients` at once, `posts` in all, to a freshly started server."""

    servers: tuple[str, ...]
    posts: int
    clients: int = 16


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads of one uploaded small body, in `rounds` rounds of so many requests of each kind."""

    rounds: int
    windows: int
    whole: int
    offset: int = 40_000
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run does. Rows are smaller only in tests of the harness itself."""

    name: str
    servers: tuple[str, ...]
    cells: tuple[Cell, ...]
    tail: Tail
    memory: Memory
    reads: Reads
    small_rows: int = bodies.SMALL_ROWS
    wide_rows: int = bodies.WIDE_ROWS
    limit_seconds: float = 180
    """No single turn may take longer; it then counts as failed."""


FULL = Plan(
    name="full",
    servers=SERVERS,
    cells=(
        Cell("small", 1, 7, 1.2),
        Cell("small", 4, 3, 3, _WITHOUT_NAIVE),
        Cell("small", 16, 3, 4, _WITHOUT_NAIVE),
        Cell("wide", 1, 5, 1.2, _MAIN),
        Cell("wide", 4, 3, 2, _WITHOUT_NAIVE),
        Cell("wide", 16, 3, 3, _WITHOUT_NAIVE),
        Cell("tiny", 1, 5, 0.6, _MAIN),
        Cell("tiny", 4, 3, 0.8, _MAIN),
        Cell("tiny", 16, 3, 1, _MAIN),
    ),
    tail=Tail(_WITHOUT_NAIVE, 3, 2, 6),
    memory=Memory(_MAIN, 64),
    reads=Reads(7, 40, 4),
)

QUICK = Plan(
    name="quick",
    servers=SERVERS,
    cells=(
        Cell("small", 1, 5, 0.6),
        Cell("small", 4, 1, 1.5, _WITHOUT_NAIVE),
        Cell("small", 16, 1, 2, _WITHOUT_NAIVE),
        Cell("wide", 1, 3, 0.5),
        Cell("tiny", 1, 3, 0.3),
        Cell("tiny", 16, 1, 0.5),
    ),
    tail=Tail(("muster",), 1, 2, 5),
    memory=Memory(("muster",), 48),
    reads=Reads(5, 20, 2),
)


def only(plan: Plan, servers: tuple[str, ...]) -> Plan:
    """`plan` for some of its servers; cells nobody is left for drop out."""

    def kept(of: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in of if name in servers)

    cells = tuple(replace(cell, servers=kept(cell.servers)) for cell in plan.cells if kept(cell.servers))
    return replace(
        plan,
        servers=kept(plan.servers),
        cells=cells,
        tail=replace(plan.tail, servers=kept(plan.tail.servers)),
        memory=replace(plan.memory, servers=kept(plan.memory.servers)),
    )
