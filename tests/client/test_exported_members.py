"""The public surface is exact: what is exported is listed, sorted, documented, and stands alone."""

import ast
import inspect
from pathlib import Path

import pytest

import muster.client
import muster.client.fake

MODULES = [muster.client, muster.client.fake]
ALLOWED = {"httpx2", "msgspec", "stamina", "backports", "compression"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_public_list_is_exact_and_sorted(module):
    public = [name for name, value in vars(module).items() if name[0] != "_" and not inspect.ismodule(value)]
    assert module.__all__ == sorted(module.__all__)
    assert sorted(public) == module.__all__


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_everything_public_says_what_it_is(module):
    for name in module.__all__:
        thing = getattr(module, name)
        assert thing.__doc__, name
        for member, value in vars(thing).items() if inspect.isclass(thing) else ():
            if inspect.isfunction(value) and member[0] != "_" and thing.__module__.endswith("_client"):
                assert value.__doc__, f"{name}.{member}"


def test_the_client_imports_nothing_else_of_muster_and_no_other_library():
    import sys

    folder = Path(muster.client.__file__).parent
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top in ALLOWED or top in sys.stdlib_module_names, f"{file.name} imports {name}"
