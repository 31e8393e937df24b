"""How commands are found and loaded."""

import subprocess
import sys

PROGRAM = """
import gc, sys
from muster.cli import main
found = []
gc.callbacks.append(lambda phase, info: found.append(phase))
assert main.run([sys.argv[1], "--help"]) == 0
told = [len(found), gc.isenabled(), gc.get_freeze_count() > 0]
print(told, file=sys.stderr)
"""


def loaded(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, command], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stderr.strip()


def test_a_servers_modules_are_never_searched_for_garbage_and_everything_after_them_is() -> None:
    searches, is_enabled, is_frozen = loaded("serve").strip("[]").split(", ")
    assert (is_enabled, is_frozen) == ("True", "True")
    assert int(searches) < 300, "with the collector on, to load the modules alone takes three times as many"


def test_a_client_command_freezes_nothing() -> None:
    assert loaded("list").endswith("True, False]")
