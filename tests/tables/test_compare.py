"""What joined, changed, left and stayed between two sets of keyed rows, against the same in plain Python."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.tables.compare import Compared, RowSet, compare, repeated, settle
from muster.tables.engine import EngineLimits

SHAPE = RowSet(("c0", "c1", "c2"), ("c0", "c2"))
TEXT = pa.large_string()
NOW = pa.schema(
    [("position", pa.int64()), ("upload_id", TEXT), ("row_id", pa.int64()), ("key", TEXT), ("digest", TEXT)]
    + [(name, TEXT) for name in SHAPE.columns]
)
BEFORE = pa.schema([("key", TEXT), ("digest", TEXT), ("c0", TEXT), ("c2", TEXT)])
VALUES = ("", "a", "b'c", '"', "Ü", None, "x\ny", "\x00")


@dataclass(frozen=True)
class Row:
    """One row of now: its key stands for c0 and c2, its digest for all three."""

    c0: str
    c1: str | None
    c2: str

    @property
    def key(self) -> str:
        return f"k:{self.c0}:{self.c2}"

    @property
    def digest(self) -> str:
        return f"d:{self.c0}:{self.c1}:{self.c2}"


@pytest.fixture
def limits(tmp_path: Path) -> EngineLimits:
    return EngineLimits(tmp_path / "scratch", 256 * 1024**2, 1, 1 << 30, (tmp_path,))


def write_now(directory: Path, rows: Sequence[Row], files: int) -> list[Path]:
    """The rows in several files, as portions leave them; the last may be empty."""
    step = -(-len(rows) // files) or 1
    paths = []
    for number in range(files):
        begin = number * step
        found = [
            {"position": at, "upload_id": f"u{at % 3}", "row_id": at * 2, "key": row.key, "digest": row.digest,
             "c0": row.c0, "c1": row.c1, "c2": row.c2}
            for at, row in enumerate(rows[begin : begin + step], begin)
        ]  # fmt: skip
        paths.append(directory / f"now'{number}.parquet")
        pq.write_table(pa.Table.from_pylist(found, NOW), paths[-1])
    return paths


def write_before(directory: Path, rows: Sequence[dict[str, Any]]) -> list[Path]:
    path = directory / "before.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), BEFORE), path)
    return [path]


def state(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{"key": row.key, "digest": row.digest, "c0": row.c0, "c2": row.c2} for row in rows]


def random_rows(source: random.Random, number: int) -> list[Row]:
    """Many with the key of another one."""
    return [
        Row(str(source.choice(VALUES[:5])), source.choice(VALUES), str(source.randrange(6)))
        for _ in range(number)
    ]


def firsts(rows: Sequence[Row]) -> dict[str, tuple[int, Row]]:
    """By key the row that counts, and its position."""
    found: dict[str, tuple[int, Row]] = {}
    for at, row in enumerate(rows):
        found.setdefault(row.key, (at, row))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_what_is_different_is_what_plain_python_finds(
    limits: EngineLimits, tmp_path: Path, seed: int
) -> None:
    source = random.Random(seed)  # noqa: S311
    rows = random_rows(source, source.choice((0, 1, 9, 60)))
    known = {row.key: row for row in random_rows(source, source.choice((0, 1, 9, 60)))}
    before = state(list(known.values()))
    now = firsts(rows)
    joined = {key for key in now if key not in known}
    changed = {key for key in now if key in known and known[key].digest != now[key][1].digest}
    left = known.keys() - now.keys()
    paths = write_now(tmp_path, rows, source.choice((1, 3)))
    into = tmp_path / "what's different.parquet"

    found = compare(limits, SHAPE, paths, write_before(tmp_path, before), into)

    assert found == Compared(
        len(joined), len(changed), len(left), len(now) - len(joined) - len(changed), len(rows) - len(now)
    )
    told = pq.read_table(into).to_pylist()
    there = sorted((now[key] for key in joined | changed), key=lambda pair: pair[0])
    assert told == [
        {"change": "joined" if row.key in joined else "changed", "position": at, "upload_id": f"u{at % 3}",
         "row_id": at * 2, "key": row.key, "digest": row.digest, "c0": row.c0, "c1": row.c1, "c2": row.c2}
        for at, row in there
    ] + [
        {"change": "left", "position": None, "upload_id": None, "row_id": None, "key": key,
         "digest": known[key].digest, "c0": known[key].c0, "c1": None, "c2": known[key].c2}
        for key in sorted(left, key=str.encode)
    ]  # fmt: skip
    again = [at for at, row in enumerate(rows) if now[row.key][0] != at]
    assert repeated(limits, paths) == [(at, f"u{at % 3}", at * 2) for at in again]


def test_without_a_before_everything_joined(limits: EngineLimits, tmp_path: Path) -> None:
    rows = [Row("a", "1", "x"), Row("b", None, "x"), Row("a", "2", "x")]
    into = tmp_path / "different.parquet"
    assert compare(limits, SHAPE, write_now(tmp_path, rows, 1), [], into) == Compared(2, 0, 0, 0, 1)
    assert [row["c1"] for row in pq.read_table(into).to_pylist()] == ["1", None]


@pytest.mark.parametrize("seed", range(8))
def test_what_the_other_side_has_is_what_it_had_and_took(
    limits: EngineLimits, tmp_path: Path, seed: int
) -> None:
    source = random.Random(100 + seed)  # noqa: S311
    rows = random_rows(source, 40)
    known = {row.key: row for row in random_rows(source, 40)} if seed else {}
    before = write_before(tmp_path, state(list(known.values()))) if seed else []
    different = tmp_path / "different.parquet"
    compare(limits, SHAPE, write_now(tmp_path, rows, 2), before, different)
    touched = pq.read_table(different)["key"].to_pylist()
    failed = {key for key in touched if source.random() < 0.3} if seed % 3 else set()
    files = []
    for number, part in enumerate((sorted(failed), [])):  # of outcomes; rows without a key are among them
        path = tmp_path / f"failed{number}.parquet"
        pq.write_table(pa.table({"key": pa.array([*part, None, *part], TEXT)}), path)
        files += [path] if failed else []
    into = tmp_path / "state.parquet"

    number = settle(limits, SHAPE, before, different, files, into)

    now = firsts(rows)
    expected = {row.key: row for row in known.values()}
    for key in set(touched) - failed:
        if key in now:
            expected[key] = now[key][1]
        else:
            del expected[key]
    assert number == len(expected)
    kept = pq.read_table(into).to_pylist()
    assert kept == state(sorted(expected.values(), key=lambda row: row.key.encode()))
    # Whatever failed is different again the next time, and nothing else is.
    compare(limits, SHAPE, write_now(tmp_path, rows, 1), [into], different)
    assert set(pq.read_table(different)["key"].to_pylist()) == failed
