"""Read a whole file, and prove on the way what every reader promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.uploads.readers.model import Layout, Portion, Reader, Reject
from muster.uploads.readers.sources import LocalFile


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a file: good rows as dicts without nulls, by their index; and the rejects."""

    rows: dict[int, dict[str, str]]
    rejects: list[Reject]
    received: int
    portions: list[Portion]

    @property
    def records(self) -> list[dict[str, str]]:
        return list(self.rows.values())

    def kinds(self, name: str) -> dict[str, int]:
        total: dict[str, int] = {}
        for portion in self.portions:
            for kind, count in portion.kinds.get(name, {}).items():
                total[kind] = total.get(kind, 0) + count
        return total


def raw(directory: Path, content: bytes, name: str = "file") -> LocalFile:
    path = directory / name
    path.write_bytes(content)
    return LocalFile(path)


def read_whole(
    reader: Reader, file: LocalFile, layout: Layout, scratch: Path, *, resume: bool = True
) -> Whole:
    """Every portion; counts add up, and from each position on the same portions come again."""
    portions = list(reader.portions(file, layout, None, scratch))
    whole = whole_of(portions)
    assert portions[-1].done_bytes == file.size_bytes
    for number, portion in enumerate(portions[:-1] if resume else []):
        assert portion.position is not None
        again = list(reader.portions(file, layout, portion.position, scratch))
        assert list(map(signature, again)) == list(map(signature, portions[number + 1 :]))
    return whole


def whole_of(portions: Sequence[Portion]) -> Whole:
    rows: dict[int, dict[str, str]] = {}
    rejects: list[Reject] = []
    received = 0
    done = 0
    for portion in portions:
        assert portion.first_row == received
        assert portion.table.num_rows == len(portion.rows)
        assert portion.received == portion.table.num_rows + len(portion.rejects)
        assert done <= portion.done_bytes
        done = portion.done_bytes
        for name in portion.table.column_names:
            assert sum(portion.kinds[name].values()) == portion.table.num_rows, name
        indexes = portion.rows.to_pylist()
        for index, row in zip(indexes, portion.table.to_pylist(), strict=True):
            rows[index] = {name: value for name, value in row.items() if value is not None}
        rejects += portion.rejects
        received += portion.received
        every = sorted([*indexes, *(reject.row for reject in portion.rejects)])
        assert every == list(range(portion.first_row, portion.first_row + portion.received))
    assert portions[-1].position is None
    return Whole(rows, rejects, received, list(portions))


def signature(portion: Portion) -> tuple[Any, ...]:
    lines = None if portion.lines_of is None else list(portion.lines_of(portion.rows.to_pylist()))
    return (
        portion.table.to_pydict(),
        portion.rows.to_pylist(),
        list(portion.rejects),
        portion.position,
        portion.kinds,
        lines,
    )
