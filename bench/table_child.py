"""Child processes of the table benchmark: run to their end, bounded in time, their memory watched."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil
from load import LoadFailure

_SAMPLE_SECONDS = 0.05
_FAMILY_SECONDS = 0.5


class PeakWatch:
    """Context manager: peak resident memory of a process and its descendants (Linux).

    By the kernel's high-water mark, which is set back at the start; only what a process that ends takes in its
    last twentieth of a second can be missed. Memory-mapped files count as far as they are resident.
    """

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._roles: dict[int, str] = {process.pid: "server"}
        self.peaks: dict[str, int] = {}
        """By role (`server`, `worker`, `child`) the highest mark of any one process, in bytes."""
        self.total_bytes = 0
        """Resident bytes of all processes together, at the moment they were highest; shared pages count in each."""

    def __enter__(self) -> "PeakWatch":
        self._look_for_children()
        for pid in self._roles:
            with suppress(OSError):  # a child ended just now
                Path(f"/proc/{pid}/clear_refs").write_text(
                    "5", encoding="ascii"
                )  # proc(5): VmHWM starts anew
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self._sample()

    def _watch(self) -> None:
        looked_at = 0.0
        while not self._stop.wait(_SAMPLE_SECONDS):
            if time.monotonic() - looked_at > _FAMILY_SECONDS:
                self._look_for_children()
                looked_at = time.monotonic()
            self._sample()

    def _look_for_children(self) -> None:
        """Listing processes costs milliseconds, so it is done less often than sampling."""
        with suppress(psutil.Error):
            for child in self._process.children(recursive=True):
                if child.pid not in self._roles:
                    with suppress(psutil.Error):
                        is_worker = "worker" in child.cmdline()
                        self._roles[child.pid] = "worker" if is_worker else "child"

    def _sample(self) -> None:
        total = 0
        for pid, role in self._roles.items():
            with suppress(OSError, KeyError):  # ended
                text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
                sizes = dict(line.split(":", 1) for line in text.splitlines() if line.startswith("Vm"))
                self.peaks[role] = max(_bytes(sizes["VmHWM"]), self.peaks.get(role, 0))
                total += _bytes(sizes["VmRSS"])
        self.total_bytes = max(total, self.total_bytes)


@dataclass(frozen=True, slots=True)
class ChildRun:
    """What a child process said and took; seconds from start to end, its start-up included."""

    exit_code: int
    output: str
    complaints: str
    seconds: float
    peak_bytes: int


def run_child(command: Sequence[str], *, limit_seconds: float, stdin: str = "") -> ChildRun:
    """Run it to its end. Raises LoadFailure when that takes longer than `limit_seconds`."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        began_at = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=complaints)
        try:
            with PeakWatch(psutil.Process(child.pid)) as watch:
                child.communicate(stdin.encode(), timeout=limit_seconds)
                seconds = time.perf_counter() - began_at
        except subprocess.TimeoutExpired as error:
            raise LoadFailure(f"{Path(command[0]).name} is not over after {limit_seconds:.0f} s") from error
        finally:
            child.kill()  # nothing where it has ended
            child.wait()
        texts = []
        for file in (output, complaints):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return ChildRun(child.returncode, texts[0], texts[1], seconds, max(watch.peaks.values(), default=0))


def _bytes(kilobytes: str) -> int:
    return int(kilobytes.split(maxsplit=1)[0]) * 1024
