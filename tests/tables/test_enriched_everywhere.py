"""Enrichments, edits, rows that join and undo, in any order: every way to read gives what plain Python says."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from muster.accounts.model import Principal
from muster.db.database import Database
from muster.objects.keys import table_file
from muster.predicates.matches import matches
from muster.predicates.model import Leaf, Number, Operator, Predicate
from muster.predicates.sort import SortKey
from muster.tables import scan as scanning
from muster.tables.duplicates import duplicate_rows
from muster.tables.edit import CellEdits, FilterEdit, edit
from muster.tables.ids import Question
from muster.tables.model import ROW_ID, Manifest
from muster.tables.profile import build_profile, load_profile, store_profile
from muster.tables.profile_extend import extended
from muster.tables.publish import publish
from muster.tables.reading import ReadingRoom, open_reading
from muster.tables.room import TablesRoom
from muster.tables.scan import scan, scan_window
from muster.tables.undo import undo
from muster.tables.window import WindowWish, newest_layout, window
from tests.tables.enriching import Run, append, newest_version
from tests.tables.making import make_table

TEXTS = ("a", "b", "é", "10", "2.5", "true", None, None)
NUMBERS = ("1", "2", "-3", "10", None)
Row = dict[str, str | None]


@dataclass
class Model:
    """What the table should hold. sent: what each row was sent with, and in which order columns first came.

    undoable: of each change that can be taken back, the rows before it and the columns it made.
    """

    rows: list[Row]
    hidden: frozenset[int]
    names: list[str]
    sent: list[Row] = field(default_factory=list)
    sent_names: list[str] = field(default_factory=list)
    undoable: list[tuple[list[Row], set[str]]] = field(default_factory=list)

    def join(self, rows: list[Row], names: list[str]) -> None:
        self.sent += rows
        self.sent_names += [name for name in names if name not in self.sent_names]
        self.rows += [{name: row.get(name) for name in self.names} for row in rows]

    def remember(self, made: Iterable[str] = ()) -> None:
        self.undoable.append(([dict(row) for row in self.rows], set(made)))

    def take_back(self) -> None:
        before, made = self.undoable.pop()
        shown_again = [name for name in self.sent_names if name in made]
        self.names = [name for name in self.names if name not in made] + shown_again
        for at, row in enumerate(self.rows):
            was = before[at] if at < len(before) else {}
            now = row | {name: self.sent[at].get(name) for name in shown_again} | was
            self.rows[at] = {name: now[name] for name in self.names}

    def visible(self) -> list[int]:
        return [at for at in range(len(self.rows)) if at not in self.hidden]

    def asked(self, predicate: Predicate | None, sort: SortKey | None) -> list[int]:
        found = [at for at in self.visible() if predicate is None or matches(predicate, self.rows[at])]
        if sort is not None:
            filled = [at for at in found if self.rows[at][sort.field] is not None]
            filled.sort(key=lambda at: self._order(sort.field, at), reverse=sort.descending)
            found = filled + [at for at in found if self.rows[at][sort.field] is None]
        return found

    def _order(self, name: str, at: int) -> float | bytes:
        text = self.rows[at][name] or ""
        return float(text) if name.startswith("n") else text.encode()


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """One kind of database is enough: how rows are read has nothing to do with it."""
    (tmp_path / "muster.db").write_bytes(sqlite_template.read_bytes())
    opened = Database(f"sqlite:///{tmp_path / 'muster.db'}")
    yield opened
    opened.close()


@pytest.fixture
def cold(room: TablesRoom, tmp_path: Path) -> Iterator[ReadingRoom]:
    """No copy fits into nothing: this one reads Parquet for ever."""
    opened = open_reading(room, tmp_path / "cold", max_copy_bytes=0)
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(5))
def test_all_ways_to_read_agree(
    seed: int, reading: ReadingRoom, cold: ReadingRoom, ana: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SCAN_ROWS", 16)
    rng = random.Random(seed)  # noqa: S311
    rows = [{"t": rng.choice(TEXTS), "n": rng.choice(NUMBERS)} for _ in range(rng.randint(1, 40))]
    hidden = sorted(rng.sample(range(len(rows)), len(rows) // 5))
    cut = rng.randint(0, len(rows))
    portions = [
        {name: [row[name] for row in some] for name in ("t", "n")} for some in (rows[:cut], rows[cut:])
    ]
    table = make_table(reading.tables, ana, portions, hidden=hidden)
    model = Model([], frozenset(hidden), ["t", "n"])
    model.join(rows, ["t", "n"])
    _with_first_profile(reading.tables, ana, table)
    for number in range(8):
        _change(rng, number, reading, ana, table, model)
        now = newest_version(reading.tables, ana, table)
        assert [column.name for column in now.columns] == model.names
        for _ in range(3):
            _compare_windows(rng, reading, cold, ana, table, model)
        _compare_scans(rng, reading.tables, now, model)
        _compare_duplicates(reading.tables, now, model)
        _compare_profile(reading.tables, now, model)


def _change(
    rng: random.Random, number: int, reading: ReadingRoom, ana: Principal, table: Manifest, model: Model
) -> None:
    room, kind = reading.tables, rng.random()
    if kind < 0.2 and model.undoable:
        undo(reading, ana, table.table_id)
        model.take_back()
    elif kind < 0.45:
        run = _run(rng, number, room, newest_version(room, ana, table), model)
        if rng.random() < 0.4:
            _append(rng, room, ana, table, model)
        typed = _edit_meanwhile(rng, reading, ana, table, model)
        model.remember(run.new)
        run.publish(ana)
        for name, values in run.new.items():
            model.names.append(name)
            for at, row in enumerate(model.rows):
                row[name] = values[at] if at < len(values) else None
        for name, cells in run.fills.items():
            for at, text in cells.items():
                if (at, name) != typed:
                    model.rows[at][name] = text
    elif kind < 0.65:
        _append(rng, room, ana, table, model)
    elif kind < 0.8:
        predicate, name = Leaf("t", Operator.EQ, (rng.choice("abé"),)), rng.choice(model.names)
        found = model.asked(predicate, None)
        if found:
            model.remember()
        edit(reading, ana, table.table_id, FilterEdit(predicate, {name: "3"}))
        for at in found:
            model.rows[at][name] = "3"
    elif model.visible():
        edits: dict[int, Row] = {
            at: {rng.choice(model.names): rng.choice(NUMBERS)} for at in rng.choices(model.visible(), k=3)
        }
        model.remember()
        edit(reading, ana, table.table_id, CellEdits(tuple(edits.items())))
        for at, changed in edits.items():
            model.rows[at].update(changed)


def _run(rng: random.Random, number: int, room: TablesRoom, planned: Manifest, model: Model) -> Run:
    count = len(model.rows)
    new = {
        f"{kind}{number}": [rng.choice(NUMBERS if kind == "n" else TEXTS) for _ in range(count)]
        for kind in rng.sample("nt", rng.randint(0, 2))
    }
    fills = {
        name: {
            at: rng.choice([text for text in NUMBERS if text])
            for at in sorted(rng.sample(range(count), count // 3))
        }
        for name in rng.sample(model.names, rng.randint(0 if new else 1, len(model.names)))
    }
    return Run(room, planned, new, fills, run_id=f"enr_{number}")


def _edit_meanwhile(
    rng: random.Random, reading: ReadingRoom, ana: Principal, table: Manifest, model: Model
) -> tuple[int, str] | None:
    """Somebody types into a cell what stands nowhere else while a run is at work."""
    if not model.visible() or rng.random() < 0.5:
        return None
    at, name = rng.choice(model.visible()), rng.choice(model.names)
    model.remember()
    edit(reading, ana, table.table_id, CellEdits(((at, {name: "77"}),)))
    model.rows[at][name] = "77"
    return at, name


def _append(rng: random.Random, room: TablesRoom, ana: Principal, table: Manifest, model: Model) -> None:
    """A retry; its rows may have values for columns that enrichments made."""
    names = rng.sample(model.names, rng.randint(1, len(model.names)))
    rows: list[Row] = [
        {name: rng.choice(NUMBERS if name.startswith("n") else TEXTS) for name in names}
        for _ in range(rng.randint(1, 5))
    ]
    append(room, ana, table, {name: [row[name] for row in rows] for name in names})
    model.join(rows, names)


def _with_first_profile(room: TablesRoom, ana: Principal, table: Manifest) -> None:
    key = table_file(table.table_id, "job", "profile.json")
    store_profile(room, key, build_profile(room, table))
    with room.db.begin() as connection:
        publish(room, connection, ana.user_id, replace(table, version=2, parent=1, profile_key=key))


def _compare_windows(
    rng: random.Random, hot: ReadingRoom, cold: ReadingRoom, ana: Principal, table: Manifest, model: Model
) -> None:
    name = rng.choice(model.names)
    predicates = (
        None,
        Leaf(name, Operator.IS_EMPTY),
        Leaf(name, Operator.EQ, (rng.choice([text for text in TEXTS if text]),)),
        Leaf(name, Operator.LT, (Number(3.0),)),
    )
    predicate = rng.choice(predicates)
    sort = SortKey(rng.choice([each for each in model.names if each[0] == "t"]), rng.random() < 0.5)
    sort_by = rng.choice([None, sort])
    expected = model.asked(predicate, sort_by)
    for reading in (hot, cold):
        shape = newest_layout(reading, ana, table.table_id)
        wish = WindowWish(Question(predicate, () if sort_by is None else (sort_by,)), 0, 1000)
        found = window(reading, shape, wish)
        shown = list(zip(found.page.row_ids, zip(*found.page.values, strict=True), strict=True))
        assert shown == [(at, tuple(model.rows[at][name] for name in model.names)) for at in expected]


def _compare_scans(rng: random.Random, room: TablesRoom, now: Manifest, model: Model) -> None:
    physical = [column.physical for column in now.columns]
    expected = [(at, *(model.rows[at][name] for name in model.names)) for at in model.visible()]
    found = scan(room, now, [ROW_ID, *physical], order="_row_id")
    assert [tuple(row.values()) for batch in found for row in batch.to_pylist()] == expected
    offset, limit = rng.randint(0, 10), rng.randint(1, 20)
    some = scan_window(room, now, [ROW_ID, *physical], offset, limit)
    assert [tuple(row.values()) for batch in some for row in batch.to_pylist()] == expected[
        offset : offset + limit
    ]


def _compare_duplicates(room: TablesRoom, now: Manifest, model: Model) -> None:
    name, seen, expected = model.names[-1], set[str](), []
    for at in model.visible():
        text = model.rows[at][name]
        if text is not None and text in seen:
            expected.append(at)
        seen.add(text or "")
    found = duplicate_rows(room, now, [name], ignore_case=False)
    assert [row[ROW_ID] for batch in found for row in batch.to_pylist()] == expected


def _compare_profile(room: TablesRoom, now: Manifest, model: Model) -> None:
    """Brought up to date from version to version, it is the same as one made anew."""
    whole = build_profile(room, now)
    for column, name in zip(whole.columns, model.names, strict=True):
        values = [model.rows[at][name] for at in model.visible()]
        assert (column.filled, column.filled + column.empty) == (
            len(values) - values.count(None),
            len(values),
        )
        assert column.distinct == len({value for value in values if value is not None})
    assert now.profile_key is not None
    kept = load_profile(room, now.profile_key)
    if kept.rows == now.visible_rows and not now.is_edited_since_profile:
        assert kept == whole
    assert extended(room, now, kept) == whole
