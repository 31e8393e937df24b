"""What the figures were measured on, so that a reader can tell what to expect elsewhere.

Nothing that names the machine or a path on it.
"""

import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import psutil
from node import PEERS, PeerUnavailable, find_node

_PACKAGES = ("muster", "fastapi", "uvicorn", "uvloop", "httptools", "msgspec", "pydantic", "sqlalchemy")
_FSYNC_BYTES = 1_000_000


def machine_facts(scratch: Path) -> dict[str, object]:
    """Cores, memory, versions, and how long this disk takes to make 1 MB durable (in `scratch`)."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": package_versions(*_PACKAGES),
        "node": _node_version(),
        "node_packages": _node_packages(),
        "commit": _commit(),
        "fsync_1mb_ms": round(fsync_milliseconds(scratch), 2),
    }


def package_versions(*names: str) -> dict[str, str | None]:
    """Installed versions of Python packages, None for those that are not there."""
    return {name: _version(name) for name in names}


def fsync_milliseconds(folder: Path) -> float:
    """Median of 15 times: write 1 MB to a new file and fsync it."""
    content = os.urandom(_FSYNC_BYTES)
    taken = []
    for number in range(15):
        path = folder / f"fsync-{number}"
        began_at = time.perf_counter()
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        taken.append(time.perf_counter() - began_at)
        path.unlink()
    return median(taken) * 1e3


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _node_version() -> str | None:
    try:
        command = (*find_node().node, "--version")
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (PeerUnavailable, OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _node_packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for peer in ("node", "next"):
        manifest = json.loads((PEERS / peer / "package.json").read_text(encoding="utf-8"))
        found |= manifest["dependencies"]
    return found


def _commit() -> str | None:
    command = ("git", "rev-parse", "--short=12", "HEAD")
    try:
        done = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        print("No git history here: the results will not name a commit.", file=sys.stderr)
        return None
    return done.stdout.strip()
