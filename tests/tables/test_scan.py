"""Every visible row once, in order, however the files and the stretches lie."""

import random
from dataclasses import replace

import pyarrow as pa
import pytest

from muster.accounts.model import Principal
from muster.tables import scan as scanning
from muster.tables.append import with_rows
from muster.tables.model import Manifest
from muster.tables.room import TablesRoom
from muster.tables.scan import Condition, scan, scan_window
from tests.tables.making import make_table


def rows_of(batches: object) -> list[dict[str, object]]:
    return [row for batch in batches for row in batch.to_pylist()]  # type: ignore[attr-defined]


def portions(sizes: list[int]) -> list[dict[str, list[str | None]]]:
    made, at = [], 0
    for size in sizes:
        made.append({"a": [str(number) for number in range(at, at + size)], "b": [None] * size})
        at += size
    return made


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a small table as much work as a large one."""
    monkeypatch.setattr(scanning, "SCAN_ROWS", 7)


def with_late_rows(room: TablesRoom, manifest: Manifest, places: list[int]) -> Manifest:
    """As a retry does it: rows that stood at `places`, behind all others."""
    late = pa.table({"a": pa.array([f"late {place}" for place in places], pa.large_string())})
    return with_rows(room, manifest, f"retry-{len(places)}", late, pa.array(places, pa.int64()))


def test_a_table_without_rows_gives_nothing(room: TablesRoom, ana: Principal) -> None:
    manifest = make_table(room, ana, [{"a": [], "b": []}])
    assert rows_of(scan(room, manifest, ["c0", "_row"], order="_row")) == []
    assert rows_of(scan_window(room, manifest, ["c0"], 0, 10)) == []


@pytest.mark.usefixtures("small_stretches")
def test_rows_that_came_late_stand_in_their_places_and_hidden_ones_nowhere(
    room: TablesRoom, ana: Principal
) -> None:
    manifest = make_table(room, ana, portions([20, 1, 30]), hidden=[0, 19, 20, 50])
    # `_row` of what was built runs as the row id here; the late ones lie between, before and behind.
    manifest = replace(with_late_rows(room, manifest, [0, 20, 60]), rows=54)
    expected = sorted(
        [(number, str(number)) for number in range(51) if number not in {0, 19, 20, 50}]
        + [(place, f"late {place}") for place in (0, 20, 60)]
    )
    found = rows_of(scan(room, manifest, ["_row", "c0"], order="_row"))
    assert [(row["_row"], row["c0"]) for row in found] == expected
    by_id = rows_of(scan(room, manifest, ["_row_id", "c0"], order="_row_id"))
    assert [row["_row_id"] for row in by_id] == sorted(row["_row_id"] for row in by_id)  # type: ignore[type-var]
    assert len(by_id) == len(expected)
    for offset, limit in ((0, 3), (17, 5), (46, 10), (49, 1), (50, 4)):
        window = rows_of(scan_window(room, manifest, ["c0"], offset, limit))
        assert [row["c0"] for row in window] == [text for _, text in expected[offset : offset + limit]]


@pytest.mark.usefixtures("small_stretches")
def test_any_cut_of_the_table_and_any_bounds_give_the_same_rows(room: TablesRoom, ana: Principal) -> None:
    chance = random.Random(7)  # noqa: S311
    for _ in range(5):
        manifest = make_table(room, ana, portions([chance.randrange(0, 25) for _ in range(4)]))
        everything = [str(number) for number in range(manifest.rows)]
        for order in ("_row", "_row_id"):
            low, high = sorted(chance.randrange(0, 60) for _ in range(2))
            found = rows_of(scan(room, manifest, ["c0"], order=order, between=(low, high)))  # type: ignore[arg-type]
            assert [row["c0"] for row in found] == everything[low : high + 1]
        offset, limit = chance.randrange(0, 60), chance.randrange(1, 30)
        window = rows_of(scan_window(room, manifest, ["c0"], offset, limit))
        assert [row["c0"] for row in window] == everything[offset : offset + limit]


def test_columns_come_in_the_order_asked_for(room: TablesRoom, ana: Principal) -> None:
    manifest = make_table(room, ana, portions([3]))
    (batch,) = scan(room, manifest, ["c1", "_row", "c0", "_row_id"], order="_row")
    assert batch.schema.names == ["c1", "_row", "c0", "_row_id"]


@pytest.mark.usefixtures("small_stretches")
def test_files_read_as_they_lie_and_by_the_engine_give_the_same_rows(
    room: TablesRoom, ana: Principal
) -> None:
    ragged = [{"a": ["x", None, "y"]}, {"a": ["z", "z"], "b": ["b", None]}, {"b": ["c"]}]
    manifest = make_table(room, ana, ragged)
    everything = Condition("TRUE", ())
    for between in (None, (0, 0), (2, 3), (4, 9), (7, 9)):
        wanted = ["c1", "_row_id", "c0"]
        plain = rows_of(scan(room, manifest, wanted, order="_row_id", between=between))
        asked = rows_of(scan(room, manifest, wanted, order="_row_id", between=between, only=everything))
        assert plain == asked
    assert len(rows_of(scan(room, manifest, ["_row_id"], order="_row_id"))) == 6


@pytest.mark.usefixtures("small_stretches")
def test_only_rows_that_match_are_given(room: TablesRoom, ana: Principal) -> None:
    manifest = make_table(room, ana, portions([20, 5, 30]), hidden=[40])
    odd = Condition('CAST("c0" AS INTEGER) % 20 = 0', ("c0",))
    for order in ("_row", "_row_id"):
        found = rows_of(scan(room, manifest, ["_row_id"], order=order, only=odd))  # type: ignore[arg-type]
        assert [row["_row_id"] for row in found] == [0, 20]
