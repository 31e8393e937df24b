"""Peak memory of a server and its children, taken from /proc (Linux).

Two measures, because each lies in one direction:
- resident set high-water mark (VmHWM): kept by the kernel, exact, but counts shared pages fully;
- proportional set size (PSS): shared pages counted once in all, but only seen when sampled.
The targets are judged by the first, which is never the smaller one.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil
from servers import Server

_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ProcessGrowth:
    """One process while it was watched. A process started meanwhile began at zero."""

    role: str
    before_bytes: int
    peak_bytes: int
    peak_pss_bytes: int

    @property
    def growth_bytes(self) -> int:
        return max(0, self.peak_bytes - self.before_bytes)


class MemoryWatch:
    """Context manager: watches a server's processes from entry to exit, then `growths` tells."""

    def __init__(self, server: Server) -> None:
        self._server = server  # its children are looked up anew at each sample
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_stopped, daemon=True)
        self._roles: dict[int, str] = {}
        self._before: dict[int, int] = {}
        self._peak: dict[int, int] = {}
        self._peak_pss: dict[int, int] = {}
        self.peak_total_pss_bytes = 0

    def __enter__(self) -> "MemoryWatch":
        for process in self._server.processes():
            reset_high_water(process.pid)
            self._before[process.pid] = process.memory_info().rss
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self._sample()

    @property
    def growths(self) -> tuple[ProcessGrowth, ...]:
        """Every process seen, the server itself first."""
        return tuple(
            ProcessGrowth(role, self._before.get(pid, 0), self._peak.get(pid, 0), self._peak_pss.get(pid, 0))
            for pid, role in self._roles.items()
        )

    def _sample_until_stopped(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        total = 0
        for process in self._server.processes():
            try:
                pss, high_water = proportional_set(process.pid), high_water_mark(process.pid)
            except (OSError, psutil.NoSuchProcess):
                continue  # it ended between being listed and being read; its last sample stands
            role = "server" if process.pid == self._server.process.pid else f"child {len(self._roles)}"
            self._roles.setdefault(process.pid, role)
            self._peak[process.pid] = max(high_water, self._peak.get(process.pid, 0))
            self._peak_pss[process.pid] = max(pss, self._peak_pss.get(process.pid, 0))
            total += pss
        self.peak_total_pss_bytes = max(total, self.peak_total_pss_bytes)


def reset_high_water(pid: int) -> None:
    """Make VmHWM start again from the present resident set (proc(5), clear_refs, value 5)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def high_water_mark(pid: int) -> int:
    """VmHWM in bytes."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:")


def proportional_set(pid: int) -> int:
    """PSS in bytes."""
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _kilobytes(path: Path, label: str) -> int:
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(label):
            return int(line.split()[1]) * 1024
    raise OSError(f"{path} has no {label}")  # a zombie has none
