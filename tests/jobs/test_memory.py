"""Memory that jobs free is kept while they run, and given back after; in a process of its own, as it changes it."""

import ctypes
import subprocess
import sys

import pytest

_FREED_AND_SEEN = """
from muster.jobs.memory import give_back_memory, keep_freed_memory

def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

assert keep_freed_memory()
before = resident_bytes()
piece = b"x" * 40_000_000
held = resident_bytes() - before
del piece
kept = resident_bytes() - before
give_back_memory()
left = resident_bytes() - before
print(held, kept, left)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"),
    reason="only the GNU C library keeps memory this way",
)
def test_a_freed_piece_is_kept_until_it_is_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", _FREED_AND_SEEN], capture_output=True, text=True, check=True)
    held, kept, left = map(int, told.stdout.split())
    assert held > 35_000_000
    assert kept > 35_000_000
    assert left < 10_000_000
