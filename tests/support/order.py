"""In which order the files of the suite are run where several processes share the machine's cores.

Some files wait most of their time, for servers that start and processes that are killed; some keep a browser busy
beside themselves; the others compute. Directory by directory, all processes wait at the same time and then compute at
the same time: mixed, what one leaves of the machine another takes.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

_BROWSER: Final = "browser"
_WAITING: Final = frozenset({"bench", "cli", "crash", "e2e", "jobs"})
_LONG_UNTIL: Final = 0.8
"""Files that wait or browse are long: the last fifth of a run is short ones, so that no process ends much later."""


def mixed(paths: Sequence[PurePath]) -> list[PurePath]:
    """The same files, each kind spread evenly over the run; those of no room first. paths: relative to `tests`."""
    kinds: dict[str, list[PurePath]] = defaultdict(list)
    for path in sorted(paths, key=lambda path: len(path.parts) > 1):
        kinds[_kind(path)].append(path)
    places = {
        path: (at + 0.5) / len(files) * (1 if kind == "" else _LONG_UNTIL)
        for kind, files in kinds.items()
        for at, path in enumerate(files)
    }
    return sorted(places, key=lambda path: (places[path], path))


def _kind(path: PurePath) -> str:
    room = path.parts[0]
    if room == _BROWSER:
        return room
    return "waiting" if room in _WAITING else ""
