from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.errors import Unavailable
from muster.tables.hot import HotCopies, Source

FIELDS = (("_row_id", pa.int64()), ("c0", pa.large_string()), ("c1", pa.large_string()))


class Files:
    """Parquet files by key, and how often each was opened."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.opened: list[str] = []

    def path_of(self, key: str) -> Path:
        self.opened.append(key)
        if not (self.directory / key).exists():
            raise Unavailable("gone")
        return self.directory / key

    def source(self, table_id: str = "t", rows: int = 1000, keys: tuple[str, ...] = ("a", "b")) -> Source:
        """Two files; neither has c1, and c0 is not a large_string in them."""
        for number, key in enumerate(keys):
            ids = pa.arange(number * rows, (number + 1) * rows)
            texts = pa.array([f"{key}{at}" for at in range(rows)], pa.string())
            pq.write_table(pa.table({"c0": texts, "_row_id": ids}), self.directory / key)
        return Source.of(table_id, keys, FIELDS, rows * len(keys))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "files").mkdir()
    return Files(tmp_path / "files")


def copies_in(tmp_path: Path, files: Files, max_bytes: int = 10**9) -> HotCopies:
    return HotCopies(tmp_path / "hot", max_bytes, files.path_of)


def test_a_copy_has_every_row_and_null_where_a_file_lacks_a_column(tmp_path: Path, files: Files) -> None:
    copy = copies_in(tmp_path, files).get(files.source())
    assert copy is not None
    assert copy.table.schema.names == ["_row_id", "c0", "c1"]
    assert copy.table.column("_row_id").to_pylist() == list(range(2000))
    assert copy.table.column("c0").to_pylist()[999:1001] == ["a999", "b0"]
    assert copy.table.column("c1").null_count == 2000
    assert copy.row_ids.find(1500) == 1500
    assert copy.row_ids.find(2000) is None


def test_a_copy_is_found_again_by_another_process_and_not_made_twice(tmp_path: Path, files: Files) -> None:
    source = files.source()
    assert copies_in(tmp_path, files).get(source) is not None
    files.opened.clear()
    assert copies_in(tmp_path, files).ready(source) is not None
    assert files.opened == []


def test_many_who_want_the_same_copy_make_it_once(tmp_path: Path, files: Files) -> None:
    source, copies = files.source(rows=50_000), copies_in(tmp_path, files)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: copies.get(source), range(8)))
    assert all(copy is not None for copy in found)
    assert files.opened == ["a", "b"]


@pytest.mark.parametrize("damage", [b"", b"ARROW1\0\0" + b"\0" * 500, None])
def test_a_lost_or_damaged_copy_is_made_again(tmp_path: Path, files: Files, damage: bytes | None) -> None:
    source = files.source()
    copies_in(tmp_path, files).get(source)
    (path,) = (tmp_path / "hot").glob("*/*.arrow")
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    copies = copies_in(tmp_path, files)
    assert copies.ready(source) is None
    again = copies.get(source)
    assert again is not None
    assert again.table.num_rows == 2000


def test_the_copy_used_longest_ago_makes_room(tmp_path: Path, files: Files) -> None:
    size = 60_000
    copies = copies_in(tmp_path, files, max_bytes=3 * size)
    sources = [files.source(table_id=f"t{number}", keys=(f"k{number}",)) for number in range(12)]
    for source in sources:
        assert copies.get(source) is not None
    left = sum(path.stat().st_size for path in (tmp_path / "hot").glob("*/*.arrow"))
    assert 0 < left <= 3 * size
    assert copies_in(tmp_path, files).ready(sources[0]) is None
    assert copies_in(tmp_path, files).ready(sources[-1]) is not None


def test_a_copy_that_can_never_fit_leaves_nothing_and_is_not_tried_at_every_read(
    tmp_path: Path, files: Files
) -> None:
    source, copies = files.source(), copies_in(tmp_path, files, max_bytes=1000)
    assert copies.get(source) is None
    assert [path for path in (tmp_path / "hot").rglob("*") if path.is_file()] == []
    files.opened.clear()
    assert copies.get(source) is None
    assert files.opened == []


def test_a_file_that_cannot_be_read_gives_no_copy(tmp_path: Path, files: Files) -> None:
    source = files.source()
    (files.directory / "b").unlink()
    copies = copies_in(tmp_path, files)
    assert copies.get(source) is None
    assert [path for path in (tmp_path / "hot").rglob("*") if path.is_file()] == []


def test_a_copy_made_in_the_background_is_there_when_that_ends(tmp_path: Path, files: Files) -> None:
    source, copies = files.source(), copies_in(tmp_path, files)
    copies.start(source)
    copies.start(source)
    assert copies.get(source) is not None
    copies.close()
    assert files.opened == ["a", "b"]


def test_what_is_forgotten_leaves_no_file(tmp_path: Path, files: Files) -> None:
    copies, kept = copies_in(tmp_path, files), files.source("t2", keys=("c",))
    copies.get(files.source())
    copies.get(kept)
    copies.forget("t")
    copies.forget("never heard of")
    assert [path.parent.name for path in (tmp_path / "hot").rglob("*.arrow")] == ["t2"]
    assert copies.ready(kept) is not None
