"""Members, counts, funnels and values of 300 random definitions, on each database, against an independent computation."""

import random
from dataclasses import dataclass

import pytest

from muster.accounts.model import Principal
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Number, Operator, Predicate
from muster.segments.base import base_of
from muster.segments.choose import chosen
from muster.segments.force import forced
from muster.segments.manual import Manual, RowEntry
from muster.segments.model import ALL_OTHERS, By, Dedupe, Definition, Identity, Keep, Policy
from muster.segments.patience import of_job
from muster.segments.preview import PreviewWish, preview
from muster.segments.room import SegmentsRoom
from muster.segments.sources import newest_sources
from muster.tables.stop import Stop
from tests.predicates.trees import leaf_of
from tests.segments import oracle
from tests.segments.conftest import COLUMNS, Tables, random_record
from tests.segments.oracle import Row, World

ALL_SETS = (
    ("email", "country", "employees", "note"),
    ("email", "work email", "country", "phone"),
    ("domain", "first name", "last name", "employees", "country"),
    ("phone", "note", "email", "first name"),
)


def random_tree(source: random.Random, names: list[str], levels: int = 2) -> Predicate:
    kind = source.randrange(7) if levels else 6
    if kind <= 2:
        parts = tuple(random_tree(source, names, levels - 1) for _ in range(source.randint(1, 4)))
        return AnyOf(parts) if kind == 0 else AllOf(parts)
    if kind == 3:
        return Not(random_tree(source, names, levels - 1))
    name = source.choice(names)
    op = source.choice(list(Operator))
    if op in {Operator.IS_EMPTY, Operator.IS_NOT_EMPTY}:
        return Leaf(name, op)
    texts = [source.choice([value for value in COLUMNS[name] if value]) for _ in range(3)]
    if name == "employees" and op not in {
        Operator.CONTAINS,
        Operator.NOT_CONTAINS,
        Operator.STARTS_WITH,
        Operator.ENDS_WITH,
    }:
        return leaf_of(
            name, op, [Number(source.choice((1.0, 12.0, 50.0, 51.5))) for _ in range(2)], ignore_case=False
        )
    return leaf_of(name, op, texts[: 2 if op is Operator.BETWEEN else 3], ignore_case=source.random() < 0.4)


def random_dedupe(source: random.Random, names: list[str]) -> Dedupe | None:
    identities = [
        Identity(By.EMAIL, tuple(name for name in ("email", "work email") if name in names)),
        Identity(By.EMAIL, ("work email", "email") if "work email" in names else ("email",)),
        Identity(By.PHONE, ("phone",), region=source.choice((None, "DE", "US"))),
        Identity(By.DOMAIN_NAME, ("domain",), ("first name", "last name")),
        Identity(By.DOMAIN_NAME, ("email",), ("first name",)),
    ]
    usable = [each for each in identities if each.columns and {*each.columns, *each.names} <= set(names)]
    if not usable or source.random() < 0.25:
        return None
    chosen_fields = {name: source.choice(list(Policy)) for name in names if source.random() < 0.4}
    if source.random() < 0.3:
        chosen_fields[ALL_OTHERS] = source.choice(list(Policy))
    return Dedupe(source.choice(usable), source.choice(list(Keep)), tuple(sorted(chosen_fields.items())))


def random_world(source: random.Random, tables: Tables) -> None:
    for _ in range(source.choice((1, 1, 2, 3))):
        names = source.choice(ALL_SETS)
        records = [random_record(source, names) for _ in range(source.choice((0, 1, 7, 40)))]
        hidden = [at for at in range(len(records)) if source.random() < 0.1] if source.random() < 0.5 else []
        tables.add(records, columns=names, hidden=hidden, portions=source.choice((1, 3)))


def some_rows(source: random.Random, world: World, share: float) -> list[Row]:
    return [row for row, _ in world.rows() if source.random() < share]


@dataclass(frozen=True)
class Told:
    """What a definition was like: how many members of how many, and whether people were joined, or put in or out."""

    members: int
    candidates: int
    is_joined: bool
    is_by_hand: bool


def check_one(room: SegmentsRoom, ana: Principal, source: random.Random, world: World) -> Told | None:
    """One random definition, all ways through the room; None where there is nothing to choose from."""
    names = world.names
    if not names:
        return None
    predicate = None if source.random() < 0.1 else random_tree(source, names)
    dedupe = random_dedupe(source, names)
    include = some_rows(source, world, 0.05) if source.random() < 0.4 else []
    exclude = some_rows(source, world, 0.05) if source.random() < 0.4 else []
    manual = Manual(tuple(RowEntry(*row) for row in include), tuple(RowEntry(*row) for row in exclude))
    definition = Definition(tuple(world.uploads), predicate, dedupe)
    expected = oracle.members(world, predicate, dedupe, include, exclude)
    told = (definition, manual)

    sources = newest_sources(room.reading, ana, definition.uploads)
    base = base_of(room, sources, dedupe, of_job())
    found = chosen(room, base, predicate, forced(room, base, manual, of_job()), of_job())
    rows = [
        (upload_id, row_id)
        for upload_id, ids in zip(definition.uploads, found, strict=True)
        for row_id in ids.to_pylist()
    ]
    assert rows == expected, told
    everybody = oracle.people(world, dedupe)
    assert base.candidates == len(everybody), told

    seen = preview(room, ana, PreviewWish(definition, manual, sample=5), Stop())
    assert seen.count == len(expected), told
    assert [step.count for step in seen.funnel] == oracle.funnel(world, predicate, dedupe), told
    assert (seen.candidates, seen.rows) == (len(everybody), sum(1 for _ in world.rows()))
    assert seen.funnel == () or predicate is not None
    by_hand = set(include) | set(exclude)
    if not by_hand and predicate is not None:
        assert seen.funnel[-1].count == seen.count, told
    assert (
        len(seen.sample) == len({(row.upload_id, row.row_id) for row in seen.sample}) == min(5, len(expected))
    )
    assert [(row.upload_id, row.row_id) for row in seen.sample] == [
        row for row in expected if row in {(one.upload_id, one.row_id) for one in seen.sample}
    ]
    assert set(seen.versions) == set(definition.uploads)
    joined = {person.winner: person.record for person in everybody}
    for row in seen.sample:
        assert (row.upload_id, row.row_id) in expected
        shown = dict(zip((column.name for column in seen.columns), row.values, strict=True))
        assert {name: value for name, value in shown.items() if value is not None} == {
            name: value for name, value in joined[row.upload_id, row.row_id].items() if value is not None
        }, told
    assert sum(len(person.rows) for person in everybody) == seen.rows
    joined_any = any(len(person.rows) > 1 for person in everybody)
    return Told(len(expected), len(everybody), joined_any, bool(by_hand))


@pytest.mark.parametrize("seed", range(12))
def test_random_segments_have_exactly_the_members_they_should(
    room: SegmentsRoom, ana: Principal, tables: Tables, seed: int
) -> None:
    source = random.Random(seed)  # noqa: S311
    random_world(source, tables)
    seen = []
    for _ in range(25):
        seen.append(check_one(room, ana, source, tables.world))
        if source.random() < 0.15 and tables.world.uploads:
            upload_id = source.choice(list(tables.world.uploads))
            records = tables.world.uploads[upload_id]
            changes = {
                row_id: random_record(source, [source.choice(list(record))])
                for row_id, record in records.items()
                if source.random() < 0.1
            }
            if changes:
                tables.edit(upload_id, changes)
    told = [each for each in seen if each is not None]
    if sum(1 for _ in tables.world.rows()) >= 5:
        # Else the definitions would tell nothing: all rows, or none of them.
        assert sum(0 < each.members < each.candidates for each in told) >= 5
        assert any(each.is_by_hand for each in told)
    if sum(1 for _ in tables.world.rows()) >= 40:
        assert any(each.is_joined for each in told)
