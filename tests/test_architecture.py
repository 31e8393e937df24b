"""The shape of the house: floors and doors (import-linter), small files, plain names.

docs/architecture.md explains the rules; the contracts themselves stand in pyproject.toml.
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "muster"
SOURCES = sorted(PACKAGE.rglob("*.py"))
PYTHON_FILES = [path for top in ("src", "tests", "scripts", "bench") for path in (ROOT / top).rglob("*.py")]

MAX_LINES = 400
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "service", "services", "common"}
PRIVATE_FILES = {"store", "wire", "routes"}
# The floors above every room: they put rooms together and may look inside.
ASSEMBLERS = {"wiring", "app"}


def is_private(file: str) -> bool:
    """`store`, `file_store`, `wire_mapping` ...: for the room they are in only."""
    return bool(PRIVATE_FILES & set(file.split("_")))


def room_of(module: str) -> str:
    """`muster.accounts.store` -> `accounts`; `muster` -> ``."""
    return module.split(".")[1] if "." in module else ""


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module or name `path` imports, as dotted absolute names."""
    found: set[str] = set()
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found.update(f"{stem}.{alias.name}" for alias in node.names)
    return found


def test_imports_go_downwards_and_each_library_has_one_door() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_room_has_a_floor() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["id"] == "floors")
    assert floors["exhaustive"] is True
    assert "exhaustive_ignores" not in floors


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_one_subject_and_fits_in_the_head(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{lines} lines; give the second subject its own file"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_name_says_what_is_inside(path: Path) -> None:
    words = {word for part in path.relative_to(PACKAGE).with_suffix("").parts for word in part.split("_")}
    assert not words & VAGUE_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_rooms_store_wire_and_routes_are_used_by_that_room_only(path: Path) -> None:
    room = room_of(module_of(path))
    if room in ASSEMBLERS:
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "muster" and len(parts) > 2 and parts[1] != room and is_private(parts[2]):
            # objects.store is the object store's protocol, the one thing that room is there to share.
            assert parts[1:3] == ["objects", "store"], f"{path.name} reaches into {name}"


def test_the_client_imports_nothing_else_of_muster() -> None:
    for path in (PACKAGE / "client").rglob("*.py"):
        foreign = {n for n in imports_of(path) if n.split(".")[0] == "muster" and room_of(n) != "client"}
        assert foreign <= {"muster.__version__"}, f"{path.name} imports {foreign}"


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.name in {"routes.py", "guard.py"} or path.parent.name == "routes"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_routes_keep_real_annotations(path: Path) -> None:
    # With text annotations FastAPI takes a dependency made in a closure for a query parameter.
    assert "__future__.annotations" not in imports_of(path)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, "no docstring at the top"
