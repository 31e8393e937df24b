"""An independent computation: who is a member, in plain Python over the records.

What filters and identities mean comes from plain.py, which imports nothing of ours.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from muster.predicates.model import Predicate, to_json
from muster.segments.model import Dedupe, Identity, Keep, Policy
from tests.segments.plain import holds, known_key

Record = dict[str, str | None]
Row = tuple[str, int]
"""Upload id, row id."""


@dataclass
class World:
    """uploads: by id, in the order of the segment, the records by row id; hidden rows are missing."""

    uploads: dict[str, dict[int, Record]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return list(
            dict.fromkeys(
                name for records in self.uploads.values() for record in records.values() for name in record
            )
        )

    def rows(self) -> Iterable[tuple[Row, Record]]:
        for upload_id, records in self.uploads.items():
            for row_id in sorted(records):
                yield (upload_id, row_id), records[row_id]


def age(row: Row) -> tuple[int, str, int]:
    """Older rows are less."""
    return int(row[0].split("_")[1]), row[0], row[1]


@dataclass
class Person:
    """A group of rows, the one that stands for it, and the record as it is joined."""

    rows: list[Row]
    winner: Row
    record: Record


def key_of(identity: Identity, record: Record) -> object:
    """Who a record of the random worlds is; None for nobody."""
    return known_key(identity.by.value, identity.columns, identity.names, identity.region, record)


def people(
    world: World, dedupe: Dedupe | None, key_of: Callable[[Identity, Record], object] = key_of
) -> list[Person]:
    """Everybody there is to choose from, in the order of the segment. key_of: for worlds of other values."""
    records = dict(world.rows())
    if dedupe is None:
        return [Person([row], row, record) for row, record in records.items()]
    by_key: dict[object, list[Row]] = {}
    for row, record in records.items():
        key = key_of(dedupe.identity, record)
        by_key.setdefault(row if key is None else key, []).append(row)
    found = []
    for rows in by_key.values():
        rows.sort(key=age)
        winner = rows[-1]
        if dedupe.keep is Keep.MOST_COMPLETE:
            winner = max(rows, key=lambda row: (filled(records[row]), age(row)))
        joined = {
            name: joined_value(records, rows, winner, name, dedupe.policy(name)) for name in world.names
        }
        found.append(Person(rows, winner, joined))
    order = {row: at for at, row in enumerate(records)}
    return sorted(found, key=lambda person: order[person.winner])


def filled(record: Mapping[str, str | None]) -> int:
    return sum(value is not None for value in record.values())


def joined_value(
    records: Mapping[Row, Record], rows: Sequence[Row], winner: Row, name: str, policy: Policy
) -> str | None:
    if policy is Policy.WINNER:
        return records[winner].get(name)
    having = [row for row in rows if records[row].get(name) is not None]
    if not having:
        return None
    match policy:
        case Policy.NEWEST:
            chosen = having[-1]
        case Policy.FIRST:
            chosen = having[0]
        case Policy.LONGEST:
            chosen = max(having, key=lambda row: (len(records[row][name] or ""), age(row)))
        case _:
            chosen = max(having, key=lambda row: (filled(records[row]), age(row)))
    return records[chosen][name]


def members(
    world: World,
    predicate: Predicate | None,
    dedupe: Dedupe | None = None,
    include: Iterable[Row] = (),
    exclude: Iterable[Row] = (),
) -> list[Row]:
    """Who is a member, in the order of the segment."""
    wanted, unwanted = set(include), set(exclude)
    tree = None if predicate is None else to_json(predicate)
    return [
        person.winner
        for person in people(world, dedupe)
        if not unwanted.intersection(person.rows)
        and (wanted.intersection(person.rows) or tree is None or holds(tree, person.record))
    ]


def funnel(world: World, predicate: Predicate | None, dedupe: Dedupe | None = None) -> list[int]:
    """How many are left after each top-level condition and those before it."""
    if predicate is None:
        return []
    tree = to_json(predicate)
    parts = tree.get("all", [tree])
    everybody = people(world, dedupe)
    return [
        sum(all(holds(part, person.record) for part in parts[: at + 1]) for person in everybody)
        for at in range(len(parts))
    ]
