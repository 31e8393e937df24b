"""Versions of random segments, one count after the other: who is in them, with which values, who came and went."""

import random
from collections.abc import Iterable

import pyarrow as pa
import pytest

from muster.accounts.model import Principal
from muster.segments.members import Members, open_changes, open_members
from muster.segments.model import Dedupe, Definition, Label
from muster.segments.patience import of_job
from muster.segments.refresh import current
from muster.segments.room import SegmentsRoom
from muster.segments.save import Wish, create
from tests.segments import oracle
from tests.segments.conftest import Tables, random_record
from tests.segments.oracle import Record, Row, World
from tests.segments.test_choose import random_dedupe, random_tree, random_world


def scanned(members: Members, **options: object) -> list[tuple[Row, Record]]:
    """What a scan gives, as rows and records."""
    found = []
    for batch in members.scan(**options):  # type: ignore[arg-type]
        assert batch.schema.field("_row_id").type == pa.int64()
        for row in batch.to_pylist():
            key = (row.pop("_upload_id"), row.pop("_row_id"))
            found.append((key, {name: value for name, value in row.items() if value is not None}))
    return found


def windowed(members: Members, step: int) -> list[tuple[Row, Record]]:
    found: list[tuple[Row, Record]] = []
    for offset in range(0, members.count + 1, step):
        columns, rows = members.window(offset, step, None, of_job())
        for row in rows:
            values = zip((column.name for column in columns), row.values, strict=True)
            found.append(
                ((row.upload_id, row.row_id), {name: text for name, text in values if text is not None})
            )
    return found


def wanted(world: World, definition: Definition) -> list[tuple[Row, Record]]:
    joined = {person.winner: person.record for person in oracle.people(world, definition.dedupe)}
    return [
        (row, {name: value for name, value in joined[row].items() if value is not None})
        for row in oracle.members(world, definition.predicate, definition.dedupe)
    ]


def identities(
    rows: Iterable[tuple[Row, Record]], dedupe: Dedupe | None, records: dict[Row, Record]
) -> set[object]:
    """Who these rows are: people where both counts join duplicates, else the rows themselves."""
    if dedupe is None:
        return {row for row, _ in rows}
    return {oracle.key_of(dedupe.identity, records[row]) or row for row, _ in rows}


@pytest.mark.parametrize("seed", range(8))
def test_every_version_has_the_members_and_values_of_its_moment(
    room: SegmentsRoom, ana: Principal, tables: Tables, seed: int
) -> None:
    source = random.Random(1000 + seed)  # noqa: S311
    random_world(source, tables)
    while not tables.world.names:
        random_world(source, tables)
    world, names = tables.world, tables.world.names
    dedupe = random_dedupe(source, names)
    definition = Definition(tuple(world.uploads), random_tree(source, names, 1), dedupe)
    segment = create(room, ana, Wish(Label("s"), definition), by_job=False)
    history: list[tuple[int, list[tuple[Row, Record]], dict[Row, Record]]] = []
    for _ in range(6):
        segment = current(room, ana, segment.id)
        assert segment.counts is not None
        assert segment.version is not None
        expected = wanted(world, definition)
        records = {row: dict(record) for row, record in world.rows()}
        members = open_members(room, ana, segment.id)
        assert (segment.counts.members, members.count) == (len(expected), len(expected)), definition
        assert segment.counts.candidates == len(oracle.people(world, dedupe))
        assert scanned(members) == expected, definition
        assert windowed(members, 7) == expected, definition
        if expected:
            middle = expected[len(expected) // 2][0]
            place = (definition.uploads.index(middle[0]), middle[1])
            assert scanned(members, after=place) == expected[len(expected) // 2 + 1 :]
            some = source.sample(names, min(2, len(names)))
            assert scanned(members, names=some) == [
                (row, {name: record[name] for name in some if name in record}) for row, record in expected
            ]
        if not history or history[-1][0] != segment.version:
            if history:
                _, before, then = history[-1]
                came = identities(expected, dedupe, records) - identities(before, dedupe, then)
                went = identities(before, dedupe, then) - identities(expected, dedupe, records)
                if dedupe is None:
                    assert (segment.counts.joined, segment.counts.departed) == (len(came), len(went))
                changes = open_changes(room, ana, segment.id, since=history[-1][0])
                assert (changes.joined.count, changes.departed.count) == (
                    segment.counts.joined,
                    segment.counts.departed,
                )
                joined, departed = scanned(changes.joined), scanned(changes.departed)
                assert joined == [pair for pair in expected if pair in joined]
                assert departed == [pair for pair in before if pair in departed]
                if dedupe is None:
                    assert {row for row, _ in joined} == came
                    assert {row for row, _ in departed} == went
            history.append((segment.version, expected, records))
        for number, then_expected, _ in history:
            assert scanned(open_members(room, ana, segment.id, version=number)) == then_expected
        upload_id = source.choice(definition.uploads)
        changes_by_row = {
            row_id: random_record(source, [source.choice(list(record))])
            for row_id, record in world.uploads[upload_id].items()
            if source.random() < 0.2
        }
        if changes_by_row:
            tables.edit(upload_id, changes_by_row)
