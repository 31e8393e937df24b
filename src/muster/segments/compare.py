"""How much two segments have in common."""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.segments.force import identity_for
from muster.segments.keyed import keyed
from muster.segments.members import Opened, open_version
from muster.segments.model import By, Segment
from muster.segments.patience import Patience, of_request
from muster.segments.refresh import current
from muster.segments.room import SegmentsRoom
from muster.tables.stop import Stop


class CompareBy(StrEnum):
    """When a member of one is a member of the other."""

    ROW = "row"
    EMAIL = "email"
    PHONE = "phone"
    DOMAIN_NAME = "domain_name"


@dataclass(frozen=True, slots=True)
class SideOf:
    """One of the two. without: members that have no such identity, which are in no count."""

    segment: Segment
    version: int
    count: int
    without: int = 0


@dataclass(frozen=True, slots=True)
class Overlap:
    """Members, or different identities, that are in both, and in one alone."""

    a: SideOf
    b: SideOf
    by: CompareBy
    both: int
    only_a: int
    only_b: int


def compare(
    room: SegmentsRoom,
    principal: Principal,
    one: tuple[str, int | None],
    other: tuple[str, int | None],
    by: CompareBy,
    stop: Stop,
) -> Overlap:
    """Two segments, or two versions of one; each an id and a version, None: the newest, brought up to date.

    Raises NotFound, Forbidden, Conflict, Overloaded, Unavailable.
    """
    patience = of_request(stop)
    segments = [current(room, principal, segment_id) for segment_id, _ in (one, other)]
    opened = [open_version(room, principal, segment_id, version) for segment_id, version in (one, other)]
    patience.check()
    a, b = (
        SideOf(segment, found.version.number, sum(map(len, found.vectors)))
        for segment, found in zip(segments, opened, strict=True)
    )
    if by is CompareBy.ROW:
        both = _same_rows(*opened)
        return Overlap(a, b, by, both, a.count - both, b.count - both)
    found = _same_identities(room, opened[0], opened[1], By(by.value), patience)
    return Overlap(
        SideOf(a.segment, a.version, a.count, a.count - found["with_a"]),
        SideOf(b.segment, b.version, b.count, b.count - found["with_b"]),
        by,
        found["both"],
        found["keys_a"] - found["both"],
        found["keys_b"] - found["both"],
    )


def _same_rows(one: Opened, other: Opened) -> int:
    theirs = other.side().by_upload()
    return sum(
        int(pc.sum(pc.is_in(ids, value_set=theirs[upload_id].cast(ids.type))).as_py() or 0)
        for upload_id, ids in one.side().by_upload().items()
        if upload_id in theirs
    )


def _same_identities(
    room: SegmentsRoom, one: Opened, other: Opened, by: By, patience: Patience
) -> dict[str, int]:
    tables: dict[str, pa.Table] = {}
    keys = []
    for name, found in (("a", one), ("b", other)):
        sources = found.base.sources
        # As the segment says it, where it says so; the other one by the headers of its own columns.
        rows = keyed(room, sources, identity_for(by, sources, found.base.dedupe), patience, prefix=name)
        places = sources.places([vector.array() for vector in found.vectors])
        tables |= {**rows.tables, f"members_{name}": pa.table({"place": places})}
        keys.append(
            f"keys_{name} AS MATERIALIZED (SELECT key, count(*) AS n FROM {rows.sql} "  # noqa: S608
            f"SEMI JOIN members_{name} USING (place) WHERE key IS NOT NULL GROUP BY key)"
        )
    found_keys = room.reading.queries.run(
        f"""
        WITH {", ".join(keys)}
        SELECT (SELECT count(*) FROM keys_a) AS keys_a, (SELECT count(*) FROM keys_b) AS keys_b,
            (SELECT coalesce(sum(n), 0)::BIGINT FROM keys_a) AS with_a,
            (SELECT coalesce(sum(n), 0)::BIGINT FROM keys_b) AS with_b,
            (SELECT count(*) FROM keys_a SEMI JOIN keys_b USING (key)) AS both
        """,  # noqa: S608 - expressions and names of our own
        tables,
        seconds=patience.query_seconds,
        stop=patience.stop,
    )
    counted: dict[str, int] = found_keys.to_pylist()[0]
    return counted
