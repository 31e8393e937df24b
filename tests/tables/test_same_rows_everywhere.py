"""The hot copy, the Parquet files and a plain Python model give the same rows, whatever was asked."""

import random
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from muster.accounts.model import Principal, Scope
from muster.db.database import Database
from muster.db.schema import users
from muster.ids import UserId
from muster.objects.local import LocalStore
from muster.predicates.matches import matches
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Number, Operator, Predicate
from muster.predicates.readings import read_number
from muster.predicates.sort import SortKey
from muster.tables.edit import CellEdits, FilterEdit, edit
from muster.tables.ids import Question
from muster.tables.model import Manifest
from muster.tables.reading import ReadingRoom, open_reading
from muster.tables.undo import undo
from muster.tables.window import Window, WindowWish, newest_layout, window
from tests.support.clock import SettableClock
from tests.tables.making import make_table, tables_room

TEXTS = (
    "a",
    "b",
    "B",
    "ab",
    "é",
    "x\x00y",
    "10",
    "9",
    "-3.5",
    "true",
    "%",
    "_",
    "a'b",
    'a"b',
    "日本",
    "😀",
    None,
)
NUMBERS = ("1", "2", "10", "-3", "0", None)
NAMES = ('na"me.with, dots', "n")


class Model:
    """What the table should hold: rows by id, as a person would write them down."""

    def __init__(self, rows: list[dict[str, str | None]], hidden: set[int]) -> None:
        self.rows = rows
        self.hidden = hidden
        self.undo_stack: list[list[dict[str, str | None]]] = []

    def set(self, changes: dict[int, dict[str, str | None]]) -> None:
        self.undo_stack.append([dict(row) for row in self.rows])
        for row_id, values in changes.items():
            self.rows[row_id].update(values)

    def visible(self) -> list[int]:
        return [row_id for row_id in range(len(self.rows)) if row_id not in self.hidden]

    def asked(self, predicate: Predicate | None, sort: Sequence[SortKey]) -> list[int]:
        found = [
            row_id for row_id in self.visible() if predicate is None or matches(predicate, self.rows[row_id])
        ]
        for key in reversed(sort):
            values = {row_id: _order_of(key.field, self.rows[row_id][key.field]) for row_id in found}
            filled = [row_id for row_id in found if values[row_id] is not None]
            filled.sort(key=lambda row_id: values[row_id], reverse=key.descending)
            found = filled + [row_id for row_id in found if values[row_id] is None]
        return found


def _order_of(field: str, value: str | None) -> Any:
    if value is None:
        return None
    return read_number(value) if field == "n" else value.encode()


@contextmanager
def reading_room(path: Path, url: str):  # type: ignore[no-untyped-def]
    database = Database(url)
    objects = LocalStore(path / "objects")
    room = tables_room(path / "cache", database, objects, SettableClock(datetime.now(UTC)))
    hot = open_reading(room, path / "hot")
    # No copy fits into nothing: this one reads Parquet for ever.
    cold = open_reading(room, path / "cold", max_copy_bytes=0)
    try:
        yield hot, cold
    finally:
        hot.close()
        cold.close()
        database.close()


def some_predicate(rng: random.Random, depth: int = 0) -> Predicate:
    choice = rng.random()
    if depth < 2 and choice < 0.4:
        parts = tuple(some_predicate(rng, depth + 1) for _ in range(rng.randint(1, 3)))
        made: list[Predicate] = [AllOf(parts), AnyOf(parts), Not(parts[0])]
        return rng.choice(made)
    if rng.random() < 0.3:
        return Leaf(
            "n",
            rng.choice([Operator.LT, Operator.GE, Operator.EQ, Operator.NE]),
            (Number(float(rng.randint(-3, 10))),),
        )
    name = rng.choice(NAMES)
    op = rng.choice([Operator.EQ, Operator.NE, Operator.CONTAINS, Operator.IS_EMPTY, Operator.STARTS_WITH])
    if op is Operator.IS_EMPTY:
        return Leaf(name, op)
    return Leaf(name, op, (rng.choice([text for text in TEXTS if text]),))


def some_sort(rng: random.Random) -> tuple[SortKey, ...]:
    names = rng.sample(NAMES, rng.randint(0, 2))
    return tuple(SortKey(name, rng.random() < 0.5) for name in names)


def shown(found: Window) -> list[tuple[int, tuple[object, ...]]]:
    return list(zip(found.page.row_ids, zip(*found.page.values, strict=True), strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_windows_agree_after_any_edits(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    rng = random.Random(seed)  # noqa: S311
    principal = Principal(UserId("usr_1"), frozenset(Scope), "cli")
    (tmp_path / "muster.db").write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{tmp_path / 'muster.db'}"
    with reading_room(tmp_path, url) as (hot, cold):
        _own(hot, principal)
        rows = [{NAMES[0]: rng.choice(TEXTS), "n": rng.choice(NUMBERS)} for _ in range(rng.randint(1, 300))]
        hidden = set(rng.sample(range(len(rows)), rng.randint(0, len(rows) // 3)))
        cuts = sorted({0, len(rows), *(rng.randrange(len(rows)) for _ in range(rng.randint(0, 6)))})
        portions = [{name: [row[name] for row in rows[a:b]] for name in NAMES} for a, b in pairwise(cuts)]
        manifest = make_table(hot.tables, principal, portions, hidden=sorted(hidden))
        model = Model(rows, hidden)
        for _ in range(8):
            _change(rng, hot if rng.random() < 0.7 else cold, principal, manifest, model)
            for _ in range(4):
                _compare(rng, hot, cold, principal, manifest, model)


def _own(reading: ReadingRoom, principal: Principal) -> None:
    with reading.tables.db.begin() as connection:
        connection.execute(
            users.insert().values(
                id=principal.user_id,
                email="a@b",
                email_key="a@b",
                role="member",
                created_at=datetime.now(UTC),
            )
        )


def _change(
    rng: random.Random, reading: ReadingRoom, principal: Principal, manifest: Manifest, model: Model
) -> None:
    kind = rng.random()
    if kind < 0.3 and model.undo_stack:
        undo(reading, principal, manifest.table_id)
        model.rows = model.undo_stack.pop()
    elif kind < 0.6:
        predicate, values = some_predicate(rng), {rng.choice(NAMES): rng.choice(TEXTS)}
        found = model.asked(predicate, ())
        edited = edit(reading, principal, manifest.table_id, FilterEdit(predicate, values))
        assert edited.rows_changed == len(found)
        if found:
            model.set(dict.fromkeys(found, values))
    elif model.visible():
        chosen = {
            row_id: {rng.choice(NAMES): rng.choice(TEXTS)} for row_id in rng.choices(model.visible(), k=3)
        }
        edit(reading, principal, manifest.table_id, CellEdits(tuple(chosen.items())))
        model.set(chosen)


def _compare(
    rng: random.Random,
    hot: ReadingRoom,
    cold: ReadingRoom,
    principal: Principal,
    manifest: Manifest,
    model: Model,
) -> None:
    predicate = some_predicate(rng) if rng.random() < 0.7 else None
    sort = some_sort(rng)
    wish = WindowWish(
        Question(predicate, sort), rng.choice([0, 1, 7, 1000]), rng.choice([1, 3, 1000]),
        rng.choice([None, ("n",), NAMES]), rng.random() < 0.5,
    )  # fmt: skip
    expected = model.asked(predicate, sort)
    window_ids = expected[wish.offset : wish.offset + wish.limit]
    names = wish.columns or NAMES
    for reading in (hot, cold):
        found = window(reading, newest_layout(reading, principal, manifest.table_id), wish)
        assert found.total_exact
        assert found.total == len(expected), (predicate, sort)
        assert shown(found) == [
            (row_id, tuple(model.rows[row_id][name] for name in names)) for row_id in window_ids
        ], (predicate, sort)
        assert list(found.page.numbers) == window_ids
