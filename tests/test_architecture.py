"""The shape of the house: floors and doors (import-linter), small files, plain names.

docs/architecture.md explains the rules; the contracts themselves stand in pyproject.toml.
"""

import ast
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "muster"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TOPS = ("src", "tests", "scripts", "bench")
PYTHON_FILES = sorted(path for top in TOPS for path in (ROOT / top).rglob("*.py"))

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


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    """Every module or name `path` imports, as dotted absolute names."""
    found: set[str] = set()
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(parsed(path)):
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


def test_every_file_has_one_subject_and_fits_in_the_head() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON_FILES}
    long = {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > MAX_LINES}
    assert not long, "give the second subject its own file"


def test_a_name_says_what_is_inside() -> None:
    names = [path.relative_to(PACKAGE).with_suffix("").parts for path in SOURCES]
    words = {parts: {word for part in parts for word in part.split("_")} for parts in names}
    assert not ["/".join(parts) for parts, used in words.items() if used & VAGUE_NAMES]


def test_a_rooms_store_wire_and_routes_are_used_by_that_room_only() -> None:
    reaching = [
        f"{module_of(path)} reaches into {name}"
        for path in SOURCES
        if (room := room_of(module_of(path))) not in ASSEMBLERS
        for name in imports_of(path)
        if (parts := name.split("."))[0] == "muster" and len(parts) > 2
        # objects.store is the object store's protocol, the one thing that room is there to share.
        if parts[1] != room and is_private(parts[2]) and parts[1:3] != ["objects", "store"]
    ]
    assert not reaching


def test_the_client_imports_nothing_else_of_muster() -> None:
    for path in (PACKAGE / "client").rglob("*.py"):
        foreign = {n for n in imports_of(path) if n.split(".")[0] == "muster" and room_of(n) != "client"}
        assert foreign <= {"muster.__version__"}, f"{path.name} imports {foreign}"


def test_routes_keep_real_annotations() -> None:
    # With text annotations FastAPI takes a dependency made in a closure for a query parameter.
    routes = [
        path for path in SOURCES if path.name in {"routes.py", "guard.py"} or path.parent.name == "routes"
    ]
    assert len(routes) > 5
    assert not [module_of(path) for path in routes if "__future__.annotations" in imports_of(path)]


def test_every_module_says_what_it_is_for() -> None:
    trees = {path: parsed(path) for path in SOURCES}
    assert not [module_of(path) for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)]
