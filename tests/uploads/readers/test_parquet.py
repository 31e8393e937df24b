"""Parquet: every type by its rule, and hostile files refused within their limits."""

import random
import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.errors import InputError
from muster.uploads.readers.child import MIB, Limits
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import FileFormat, Layout
from muster.uploads.readers.parquet import ParquetReader, describe
from muster.uploads.readers.parquet_text import kind_of, texts_of
from muster.uploads.readers.sources import LocalFile
from tests.uploads.readers.whole import raw, read_whole

LAYOUT = Layout(FileFormat.PARQUET)


def stored(directory: Path, table: pa.Table, **options: Any) -> LocalFile:
    path = directory / "file"
    pq.write_table(table, path, **options)
    return LocalFile(path)


@pytest.mark.parametrize(
    ("array", "texts", "kind"),
    [
        (pa.array([2**63, 0, None], pa.uint64()), ["9223372036854775808", "0", None], "number"),
        (
            pa.array([12125550001.0, 0.1 + 0.2, 1e-7]),
            ["12125550001", "0.30000000000000004", "0.0000001"],
            "number",
        ),
        (pa.array([12125550001.5, 1e300, -0.0]), ["12125550001.5", "1e+300", "0"], "number"),
        (pa.array([float("nan"), float("inf"), None]), [None, "inf", None], "number"),
        (pa.array([0.1, 16777216.0], pa.float32()), ["0.1", "16777216"], "number"),
        (
            pa.array([Decimal("1.50"), Decimal("12345678901234567890.12")]),
            ["1.50", "12345678901234567890.12"],
            "number",
        ),
        (pa.array([Decimal("0.0000001")], pa.decimal128(20, 10)), ["0.0000001000"], "number"),
        (pa.array([True, False, None]), ["true", "false", None], "boolean"),
        (pa.array(["a", "", None]), ["a", None, None], "text"),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"], "text"),
        (pa.array([date(2024, 2, 29), None]), ["2024-02-29", None], "text"),
        (pa.array([1_500, 0], pa.timestamp("ms")), ["1970-01-01T00:00:01.5", "1970-01-01T00:00:00"], "text"),
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01T00:00:00.000000001"], "text"),
        (
            pa.array([1704450600, None], pa.timestamp("s", "Europe/Berlin")),
            ["2024-01-05T10:30:00Z", None],
            "text",
        ),
        (pa.array([3600], pa.time32("s")), ["01:00:00"], "text"),
        (pa.array([1500], pa.duration("ms")), ["PT1.5S"], "text"),
        (pa.array([b"abc", b"\xff"]), ["abc", "/w=="], "text"),
        (pa.array([uuid.UUID(int=1).bytes], pa.uuid()), ["00000000-0000-0000-0000-000000000001"], "text"),
        (pa.array([[1.5, None], None, []]), ["[1.5,null]", None, "[]"], "array"),
        (pa.array([{"a": {"b": [Decimal("1.50")]}}, None]), ['{"a":{"b":[1.50]}}', None], "object"),
        (pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())), ['{"k":1}', None], "array"),
        (pa.array([[["x"]], [["y"]]], pa.list_(pa.list_(pa.string()), 1)), ['[["x"]]', '[["y"]]'], "array"),
        (pa.nulls(2), [None, None], "text"),
    ],
    ids=str,
)
def test_a_type_has_one_rule(array: pa.Array, texts: list[str | None], kind: str) -> None:
    assert texts_of(array).to_pylist() == texts
    assert texts_of(array[1:]).to_pylist() == texts[1:]
    assert texts_of(array).type == pa.large_string()
    assert kind_of(array.type) == kind


def test_rows_keep_their_order_over_row_groups_and_resume_anywhere(tmp_path: Path) -> None:
    count = 500
    table = pa.table({"n": pa.arange(0, count), "t": [None if n % 3 else f"é{n}" for n in range(count)]})
    file = stored(tmp_path, table, row_group_size=170)
    found = describe(file, LAYOUT)
    assert found.layout.columns == ("n", "t")
    assert found.sample[:2] == (("0", "é0"), ("1", None))
    assert len(found.sample) == 50
    whole = read_whole(ParquetReader(Cuts(portion_bytes=1)), file, found.layout, tmp_path)
    assert len(whole.portions) == 3
    assert [record["n"] for record in whole.records] == [str(n) for n in range(count)]
    assert whole.kinds("t") == {"text": 167, "null": 333}
    assert whole.portions[0].lines_of is None


def test_columns_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["1"]), pa.array(["2"]), pa.array(["3"])], names=["a", "a", ""])
    file = stored(tmp_path, table)
    whole = read_whole(ParquetReader(), file, LAYOUT, tmp_path)
    assert whole.records == [{"a": "1", "a (2)": "2", "column 3": "3"}]


def test_a_file_without_rows_says_so(tmp_path: Path) -> None:
    file = stored(tmp_path, pa.table({"a": pa.array([], pa.string())}))
    assert describe(file, LAYOUT).problem_code == "file_empty"
    assert read_whole(ParquetReader(), file, LAYOUT, tmp_path).received == 0


def refused(file: LocalFile, limits: Limits | None = None) -> str:
    with pytest.raises(InputError) as error:
        list(ParquetReader(limits=limits).portions(file, LAYOUT, None, file.path().parent))
    return error.value.error_code


def test_what_is_no_parquet_or_is_encrypted_is_refused(tmp_path: Path) -> None:
    assert refused(raw(tmp_path, b"")) == "file_damaged"
    assert refused(raw(tmp_path, b"hello, hello, hello")) == "file_damaged"
    assert refused(raw(tmp_path, b"PARE" + b"\0" * 40 + b"PARE")) == "file_encrypted"
    content = stored(tmp_path, pa.table({"a": ["x"] * 100})).path().read_bytes()
    assert refused(raw(tmp_path, content[:-30])) == "file_damaged"
    assert refused(raw(tmp_path, content[:-8] + b"\xff\xff\xff\x7fPAR1")) == "file_damaged"


def test_a_few_bytes_that_promise_billions_of_values_are_refused(tmp_path: Path) -> None:
    columns = {f"c{n}": pa.nulls(1_000_000, pa.int32()) for n in range(120)}
    file = stored(tmp_path, pa.table(columns), row_group_size=1_000_000)
    assert file.size_bytes < 500_000
    assert refused(file) == "file_bomb"


def test_a_value_larger_than_memory_allows_ends_a_process_and_not_this_one(tmp_path: Path) -> None:
    file = stored(tmp_path, pa.table({"a": ["x" * (150 * MIB)]}), compression="zstd")
    assert refused(file, Limits(max_memory_bytes=120 * MIB)) == "row_group_too_large"


def test_a_file_with_any_byte_changed_is_read_or_refused_and_never_crashes(tmp_path: Path) -> None:
    numbers = random.Random(11)  # noqa: S311 - the same changes every time
    content = (
        stored(tmp_path, pa.table({"a": ["x", "y", None] * 30, "b": pa.arange(0, 90)})).path().read_bytes()
    )
    for _ in range(8):
        changed = bytearray(content)
        for _ in range(3):
            changed[numbers.randrange(len(changed))] = numbers.randrange(256)
        file = raw(tmp_path, bytes(changed))
        outcome = "read"
        try:
            list(ParquetReader().portions(file, LAYOUT, None, tmp_path))
        except InputError as error:
            outcome = error.error_code
        assert outcome in {"read", "file_damaged", "row_group_too_large", "file_encrypted", "file_bomb"}
