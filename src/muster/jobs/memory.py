"""Memory that jobs free: kept for the next of their pieces while they run, given back when none does.

A file is read in pieces of some 10 to 40 MB. The GNU C library maps each of them anew and unmaps it again, so the
kernel clears the same pages over and over: a twentieth of the time of reading. Other C libraries are left alone.
"""

import ctypes
from typing import Any, Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
"""mallopt(3), malloc.h"""
_KEPT_BYTES: Final = 1024 * 1024 * 1024


def keep_freed_memory() -> bool:
    """From now on, in this process; False where the C library has no such setting."""
    mallopt = _of_c_library("mallopt")
    return mallopt is not None and all(
        mallopt(option, _KEPT_BYTES) for option in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD)
    )


def give_back_memory() -> None:
    """What is free and kept goes back to the system; takes some milliseconds."""
    trim = _of_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _of_c_library(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
