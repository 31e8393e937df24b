"""From figures to ratios, targets and the results file. Pure: takes values, gives values and text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bodies import Body
from load import percentile
from servers import LABELS
from stages import MemoryFigure, PostFigure, ReadFigures, TailFigure


@dataclass(slots=True)
class Figures:
    """All that one run measured; a part is empty when its servers were left out."""

    posts: list[PostFigure] = field(default_factory=list)
    tails: list[TailFigure] = field(default_factory=list)
    memory: list[MemoryFigure] = field(default_factory=list)
    reads: ReadFigures | None = None

    def post(self, server: str, body: str, clients: int) -> PostFigure | None:
        for figure in self.posts:
            if (figure.server, figure.body, figure.clients) == (server, body, clients):
                return figure
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """One promise and what was measured; `value` None (not measured) does not keep it."""

    name: str
    value: float | None
    limit: float
    is_minimum: bool
    unit: str

    @property
    def is_met(self) -> bool:
        if self.value is None:
            return False
        return self.value >= self.limit if self.is_minimum else self.value <= self.limit


def targets(figures: Figures) -> list[Target]:
    """The promises of README.md, "Targets", in its order."""
    muster = figures.post("muster", "small", 1)

    def times(slower: PostFigure | None, faster: PostFigure | None) -> float | None:
        return slower.p50_ms / faster.p50_ms if slower and faster else None

    tail = next((figure for figure in figures.tails if figure.server == "muster"), None)
    memory = next((figure for figure in figures.memory if figure.server == "muster"), None)
    reads = figures.reads
    return [
        Target(
            "50,000 records: faster than Node + Zod 3 in memory",
            times(figures.post("node", "small", 1), muster),
            3,
            is_minimum=True,
            unit="x",
        ),
        Target(
            "50,000 records: faster than FastAPI + pydantic + SQLAlchemy",
            times(figures.post("naive", "small", 1), muster),
            10,
            is_minimum=True,
            unit="x",
        ),
        Target(
            "50,000 records: times the floor",
            times(muster, figures.post("floor", "small", 1)),
            12,
            is_minimum=False,
            unit="x",
        ),
        Target(
            "tiny post alone, p95",
            percentile(tail.alone_ms, 95) if tail else None,
            50,
            is_minimum=False,
            unit="ms",
        ),
        Target(
            "tiny post beside four big clients, p95",
            percentile(tail.loaded_ms, 95) if tail else None,
            250,
            is_minimum=False,
            unit="ms",
        ),
        Target(
            "memory growth of a process, 16 big posts at once",
            memory.worst_growth_bytes / 1e6 if memory else None,
            250,
            is_minimum=False,
            unit="MB",
        ),
        Target(
            "window of 100 records: times the tiny GET",
            reads.window_ms / reads.tiny_ms if reads else None,
            3,
            is_minimum=False,
            unit="x",
        ),
    ]


def results(
    figures: Figures,
    judged: Sequence[Target],
    *,
    mode: str,
    date: str,
    machine: object,
    inputs: Mapping[str, Body],
) -> dict[str, object]:
    """The results file: raw figures of every round, medians, ratios, targets."""
    return {
        "benchmark": "ingest",
        "mode": mode,
        "date": date,
        "machine": machine,
        "inputs": {
            name: {"rows": body.rows, "wire_bytes": len(body.content), "json_bytes": body.decoded_bytes}
            for name, body in inputs.items()
        },
        "targets": [
            {
                "name": target.name,
                "value": _rounded(target.value),
                "limit": target.limit,
                "kind": "at least" if target.is_minimum else "at most",
                "unit": target.unit,
                "met": target.is_met,
            }
            for target in judged
        ],
        "posts": [
            {
                "server": figure.server,
                "body": figure.body,
                "clients": figure.clients,
                "p50_ms": _rounded(figure.p50_ms),
                "p95_ms": _rounded(figure.p95_ms),
                "requests_per_second": _rounded(figure.requests_per_second),
                "server_cpu_ms_per_request": _rounded(figure.server_cpu_ms),
                "times_muster": _times_muster(figures, figure),
                "rounds": [
                    {name: _rounded(value) for name, value in asdict(turn).items()} for turn in figure.rounds
                ],
            }
            for figure in figures.posts
        ],
        "tails": [_tail_json(figure) for figure in figures.tails],
        "memory": [
            {
                "server": figure.server,
                "worst_growth_mb": _rounded(figure.worst_growth_bytes / 1e6),
                "total_pss_mb": _rounded(figure.total_pss_bytes / 1e6),
                "processes": [
                    {
                        "role": process.role,
                        "before_mb": _rounded(process.before_bytes / 1e6),
                        "peak_mb": _rounded(process.peak_bytes / 1e6),
                        "growth_mb": _rounded(process.growth_bytes / 1e6),
                        "peak_pss_mb": _rounded(process.peak_pss_bytes / 1e6),
                    }
                    for process in figure.processes
                ],
            }
            for figure in figures.memory
        ],
        "reads": _reads_json(figures.reads) if figures.reads else None,
    }


def posts_text(cell_figures: Sequence[PostFigure]) -> str:
    """One cell as lines of text, one server each."""
    lines = []
    for figure in cell_figures:
        spread = [turn.p50_ms for turn in figure.rounds]
        lines.append(
            f"  {LABELS[figure.server]:<38}{figure.p50_ms:>9.2f} ms p50 ({min(spread):.2f}-{max(spread):.2f})"
            f"{figure.p95_ms:>10.2f} p95{figure.requests_per_second:>10.1f} req/s"
            f"{figure.server_cpu_ms:>9.2f} ms CPU"
        )
    return "\n".join(lines)


def summary_text(figures: Figures, judged: Sequence[Target]) -> str:
    """Tails, memory, reads and the table of targets."""
    lines = [
        "",
        "Tiny posts, one client            alone p50/p95/p99 ms     beside 4 big clients    big posts/s",
    ]
    lines += [
        f"  {LABELS[tail.server]:<30}{_tail_text(tail.alone_ms):>22}{_tail_text(tail.loaded_ms):>24}"
        f"{tail.big_posts / tail.big_seconds:>14.1f}"
        for tail in figures.tails
    ]
    lines += ["", "Memory, 16 big posts at once         growth of the worst process    all processes (PSS)"]
    lines += [
        f"  {LABELS[figure.server]:<40}{figure.worst_growth_bytes / 1e6:>16.0f} MB"
        f"{figure.total_pss_bytes / 1e6:>20.0f} MB"
        for figure in figures.memory
    ]
    if figures.reads:
        lines += [
            "",
            f"Reads   tiny {figures.reads.tiny_ms:.2f} ms   window {figures.reads.window_ms:.2f} ms",
        ]
        for whole in figures.reads.whole:
            lines.append(
                f"  whole, asked {whole.asked:<9} served {whole.served:<9}{whole.median_ms:>8.2f} ms"
                f"{whole.json_megabytes_per_second:>9.0f} MB/s of JSON{whole.wire_bytes:>10} B on the wire"
            )
    lines += ["", f"{'Target':<62}{'measured':>12}{'limit':>12}"]
    for target in judged:
        value = "not measured" if target.value is None else f"{target.value:.2f} {target.unit}"
        sign = ">=" if target.is_minimum else "<="
        limit = f"{sign} {target.limit:g} {target.unit}"
        lines.append(f"  {target.name:<60}{value:>12}{limit:>12}   {'pass' if target.is_met else 'FAIL'}")
    return "\n".join(lines)


def _times_muster(figures: Figures, figure: PostFigure) -> float | None:
    muster = figures.post("muster", figure.body, figure.clients)
    return _rounded(figure.p50_ms / muster.p50_ms) if muster else None


def _tail_text(milliseconds: Sequence[float]) -> str:
    return " / ".join(f"{percentile(milliseconds, percent):.1f}" for percent in (50, 95, 99))


def _tail_json(figure: TailFigure) -> dict[str, object]:
    shown: dict[str, object] = {"server": figure.server}
    for name, values in (("alone", figure.alone_ms), ("loaded", figure.loaded_ms)):
        shown[name] = {"requests": len(values)} | {
            f"p{percent}_ms": _rounded(percentile(values, percent)) for percent in (50, 95, 99)
        }
    shown["big_posts_per_second"] = _rounded(figure.big_posts / figure.big_seconds)
    return shown


def _reads_json(reads: ReadFigures) -> dict[str, object]:
    return {
        "tiny_ms": _rounded(reads.tiny_ms),
        "window_ms": _rounded(reads.window_ms),
        "whole": [
            asdict(whole) | {"json_mb_per_second": _rounded(whole.json_megabytes_per_second)}
            for whole in reads.whole
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
