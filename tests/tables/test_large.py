"""Tables large enough for the ways that small ones never take: first windows before all is known, wide rows."""

import random

import pyarrow as pa
import pytest

from muster.accounts.model import Principal
from muster.errors import InputError
from muster.predicates.model import AllOf, Leaf, Number, Operator
from muster.predicates.sort import SortKey
from muster.tables.edit import CellEdits, edit
from muster.tables.ids import EXACT_ROWS, Question, all_ids
from muster.tables.model import Column, Group, Manifest, Part
from muster.tables.publish import publish
from muster.tables.reading import ReadingRoom, hot_groups, layout
from muster.tables.window import WindowWish, newest_layout, window
from muster.tables.write import write_parquet
from tests.tables.making import make_table

SEVENS = Leaf("n", Operator.EQ, (Number(7.0),))


def numbers(rows: int, distinct: int) -> list[str]:
    rng = random.Random(rows)  # noqa: S311
    return [str(rng.randrange(distinct)) for _ in range(rows)]


def ready(reading: ReadingRoom, manifest: Manifest) -> None:
    """Wait for the hot copy."""
    for group in layout(reading, manifest).groups:
        assert reading.copies.get(group) is not None


def test_the_first_window_of_a_sort_is_the_one_the_whole_order_gives(
    reading: ReadingRoom, ana: Principal
) -> None:
    values = numbers(120_000, 5_000)
    manifest = make_table(reading.tables, ana, [{"n": values}], hidden=[3, 5])
    ready(reading, manifest)
    order = sorted(
        (row for row in range(len(values)) if row not in {3, 5}), key=lambda row: -int(values[row])
    )
    wish = WindowWish(Question(None, (SortKey("n", descending=True),)), 50, 100)
    shape = layout(reading, manifest)
    first = window(reading, shape, wish)
    assert list(first.page.row_ids) == order[50:150]
    assert (first.total, first.total_exact) == (119_998, True)
    assert list(all_ids(reading, shape, wish.question).window(50, 100)) == order[50:150]
    assert list(window(reading, shape, wish).page.row_ids) == order[50:150]
    narrowed = WindowWish(Question(SEVENS, wish.question.sort), 0, 3)
    found = window(reading, shape, narrowed)
    assert (found.total, found.total_exact) == (sum(values[row] == "7" for row in order), True)


def test_a_total_that_takes_long_is_estimated_first_and_exact_when_asked(
    reading: ReadingRoom, ana: Principal
) -> None:
    block = numbers(100_000, 10)
    rows = EXACT_ROWS + 100_000
    column = pa.chunked_array([pa.array(block, pa.large_string())] * (rows // 100_000))
    manifest = make_table(reading.tables, ana, [{"n": column}])
    ready(reading, manifest)
    shape, exact = layout(reading, manifest), block.count("7") * (rows // 100_000)
    first = window(reading, shape, WindowWish(Question(SEVENS)))
    assert list(first.page.row_ids) == [row for row, value in enumerate(block) if value == "7"][:100]
    assert not first.total_exact
    assert 0.8 * exact < first.total < 1.2 * exact
    asked = window(reading, shape, WindowWish(Question(SEVENS), exact_total=True))
    assert (asked.total, asked.total_exact) == (exact, True)
    later = window(reading, shape, WindowWish(Question(SEVENS), offset=exact - 1))
    assert (later.total, len(later.page.row_ids)) == (exact, 1)
    nothing = Question(AllOf((SEVENS, Leaf("n", Operator.STARTS_WITH, ("8",)))))
    none = window(reading, shape, WindowWish(nothing))
    assert (none.total, none.total_exact, list(none.page.row_ids)) == (0, True, [])


def test_five_thousand_columns_are_read_sorted_and_edited(reading: ReadingRoom, ana: Principal) -> None:
    names = [f"column {number}" for number in range(5_000)]
    portion = {name: [str((at * 7 + number) % 10) for at in range(10)] for number, name in enumerate(names)}
    manifest = make_table(reading.tables, ana, [portion, {name: portion[name][:3] for name in names[:2]}])
    shape = layout(reading, manifest)
    found = window(reading, shape, WindowWish(Question(None, (SortKey(names[-1]),)), limit=100))
    assert len(found.page.values) == 5_000
    assert [row for row in found.page.row_ids if row >= 10] == [10, 11, 12]  # empty there, so last
    assert list(found.page.row_ids[:10]) == sorted(range(10), key=lambda at: int(portion[names[-1]][at]))
    with pytest.raises(InputError, match="fewer rows"):
        window(reading, shape, WindowWish(Question(), limit=1000))
    assert window(reading, shape, WindowWish(Question(), limit=1000, columns=(names[4_000],))).total == 13
    edit(reading, ana, manifest.table_id, CellEdits(((11, {names[4_999]: "-1"}),)))
    shape = newest_layout(reading, ana, manifest.table_id)
    assert (
        window(reading, shape, WindowWish(Question(None, (SortKey(names[-1]),)), limit=1)).page.row_ids[0]
        == 11
    )


def test_columns_added_later_are_read_beside_the_first(reading: ReadingRoom, ana: Principal) -> None:
    values = [str(at) for at in range(20)]
    manifest = make_table(reading.tables, ana, [{"n": values[:12]}, {"n": values[12:]}], hidden=[1])
    added = pa.table(
        {
            "_row_id": pa.arange(0, 20),
            "c1": pa.array([f"v{at % 4}" if at < 15 else None for at in range(20)], pa.large_string()),
        }
    )
    written = write_parquet(reading.tables, f"tables/xx/{manifest.table_id}/run/g1.parquet", added)
    part = Part(written.key, 0, 20, written.size_bytes, written.sha256, ("c1",))
    wider = Manifest(
        **{
            **{name: getattr(manifest, name) for name in Manifest.__dataclass_fields__},
            "version": 2, "parent": 1, "columns": (*manifest.columns, Column("added", "c1", group=1, origin="run")),
            "groups": (*manifest.groups, Group((part,))),
        }
    )  # fmt: skip
    with reading.tables.db.begin() as connection:
        publish(reading.tables, connection, ana.user_id, wider)
    shape = newest_layout(reading, ana, manifest.table_id)
    assert hot_groups(reading, shape) is not None
    question = Question(Leaf("added", Operator.EQ, ("v1",)), (SortKey("n", descending=True),))
    assert list(window(reading, shape, WindowWish(question)).page.row_ids) == [13, 9, 5]
    tail = window(reading, shape, WindowWish(Question(), offset=12, columns=("added", "n")))
    assert list(zip(*tail.page.values, strict=True))[:3] == [("v1", "13"), ("v2", "14"), (None, "15")]
    assert tail.columns[0].origin == "run"
