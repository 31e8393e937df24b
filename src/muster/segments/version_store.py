"""SQL of the counts of segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.db.schema import segment_version_sources, segment_versions, segments
from muster.errors import NotFound
from muster.ids import UserId
from muster.segments.definition import definition_json, definition_of
from muster.segments.model import Cause, Segment, SegmentId, Status, Version, VersionSource
from muster.segments.store import counts_of


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count looked at. tables: by upload the version of its table."""

    revision: int
    tables: dict[str, int]


class VersionStore:
    """The versions of one user's segments, inside the caller's transaction; who asks has got the segment before."""

    def __init__(self, connection: Connection, principal: Principal) -> None:
        self._connection = connection
        self._user_id: UserId = principal.user_id

    def advance(self, version: Version) -> bool:
        """Add a version behind the newest one; False when there is another by now, or another definition."""
        before = version.number - 1
        is_next = segments.c.version.is_(None) if before == 0 else segments.c.version == before
        counts = version.counts
        done = self._connection.execute(
            update(segments)
            .where(self._is(version.segment_id), is_next, segments.c.revision == version.revision)
            .values(
                version=version.number,
                status=Status.READY.value,
                reason_code=None,
                reason=None,
                members=counts.members,
                candidates=counts.candidates,
                joined=counts.joined,
                departed=counts.departed,
                counted_at=version.at,
            )
        )
        if done.rowcount != 1:
            return False
        self._connection.execute(
            insert(segment_versions).values(
                segment_id=version.segment_id,
                number=version.number,
                revision=version.revision,
                cause=version.cause.value,
                at=version.at,
                members=counts.members,
                candidates=counts.candidates,
                joined=counts.joined,
                departed=counts.departed,
                made_by=version.made_by,
                definition=definition_json(version.definition),
            )
        )
        self._connection.execute(
            insert(segment_version_sources),
            [
                {
                    "segment_id": version.segment_id,
                    "number": version.number,
                    "position": at,
                    "upload_id": source.upload_id,
                    "table_version": source.table_version,
                    "members": source.members,
                }
                for at, source in enumerate(version.sources)
            ],
        )
        return True

    def get(self, segment_id: str, number: int) -> Version:
        """One version of a segment that is the user's. Raises NotFound (`segment_version_not_found`)."""
        row = self._connection.execute(
            select(segment_versions).where(
                segment_versions.c.segment_id == segment_id, segment_versions.c.number == number
            )
        ).one_or_none()
        if row is None:
            raise NotFound("This segment has no such version.", code="segment_version_not_found")
        return _version(row, self._version_sources(segment_id, [number])[number])

    def is_made_by(self, segment_id: str, number: int, made_by: str | None) -> bool:
        """Whether this version is there, and its files were written by `made_by`."""
        found = select(segment_versions.c.made_by).where(
            segment_versions.c.segment_id == segment_id, segment_versions.c.number == number
        )
        return made_by is not None and self._connection.execute(found).scalar_one_or_none() == made_by

    def list(self, segment_id: str, before: int | None, limit: int) -> Sequence[Version]:
        """The newest first; before: only those with a smaller number."""
        condition = segment_versions.c.segment_id == segment_id
        if before is not None:
            condition &= segment_versions.c.number < before
        found = self._connection.execute(
            select(segment_versions).where(condition).order_by(segment_versions.c.number.desc()).limit(limit)
        ).all()
        sources = self._version_sources(segment_id, [row.number for row in found])
        return [_version(row, sources[row.number]) for row in found]

    def sizes(self, segment_ids: Sequence[str], newest: int) -> Mapping[str, Sequence[int]]:
        """The last counts of each of these segments, at most `newest`, the oldest first."""
        ranked = (
            select(
                segment_versions.c.segment_id,
                segment_versions.c.number,
                segment_versions.c.members,
                func.row_number()
                .over(
                    partition_by=segment_versions.c.segment_id,
                    order_by=segment_versions.c.number.desc(),
                )
                .label("rank"),
            )
            .where(segment_versions.c.segment_id.in_(segment_ids))
            .subquery()
        )
        rows = self._connection.execute(
            select(ranked.c.segment_id, ranked.c.members)
            .where(ranked.c.rank <= newest)
            .order_by(ranked.c.segment_id, ranked.c.number)
        )
        found: dict[str, list[int]] = {segment_id: [] for segment_id in segment_ids}
        for row in rows:
            found[row.segment_id].append(row.members)
        return found

    def counted(self, of: Sequence[Segment]) -> Mapping[str, Counted]:
        """What the newest count of each of these segments looked at; those never counted are missing."""
        newest = [
            and_(segment_versions.c.segment_id == segment.id, segment_versions.c.number == segment.version)
            for segment in of
            if segment.version is not None
        ]
        if not newest:
            return {}
        found: dict[str, Counted] = {}
        rows = self._connection.execute(
            select(
                segment_versions.c.segment_id,
                segment_versions.c.revision,
                segment_version_sources.c.upload_id,
                segment_version_sources.c.table_version,
            )
            .outerjoin(
                segment_version_sources,
                and_(
                    segment_version_sources.c.segment_id == segment_versions.c.segment_id,
                    segment_version_sources.c.number == segment_versions.c.number,
                ),
            )
            .where(or_(*newest))
        )
        for row in rows:
            counted = found.setdefault(row.segment_id, Counted(row.revision, {}))
            if row.upload_id is not None:
                counted.tables[row.upload_id] = row.table_version
        return found

    def forget_files(self, segment_id: str, before: int) -> Sequence[str]:
        """Let go of the files of versions with a smaller number; returns who made them."""
        old = and_(
            segment_versions.c.segment_id == segment_id,
            segment_versions.c.number < before,
            segment_versions.c.made_by.is_not(None),
        )
        found = list(self._connection.execute(select(segment_versions.c.made_by).where(old)).scalars())
        if found:
            self._connection.execute(update(segment_versions).where(old).values(made_by=None))
        return [made_by for made_by in found if made_by is not None]

    def _version_sources(
        self, segment_id: str, numbers: Sequence[int]
    ) -> dict[int, tuple[tuple[int, VersionSource], ...]]:
        rows = self._connection.execute(
            select(segment_version_sources)
            .where(
                segment_version_sources.c.segment_id == segment_id,
                segment_version_sources.c.number.in_(numbers),
            )
            .order_by(segment_version_sources.c.number, segment_version_sources.c.position)
        )
        found: dict[int, list[tuple[int, VersionSource]]] = {number: [] for number in numbers}
        for row in rows:
            source = VersionSource(row.upload_id, row.table_version, row.members)
            found[row.number].append((row.position, source))
        return {number: tuple(each) for number, each in found.items()}

    def _is(self, segment_id: str) -> ColumnElement[bool]:
        return and_(segments.c.id == segment_id, segments.c.user_id == self._user_id)


# For sweeps


def held(connection: Connection, upload_ids: Sequence[str]) -> dict[str, set[int]]:
    """The versions of these tables that counts whose members are kept looked at, whoever owns them."""
    rows = connection.execute(
        select(segment_version_sources.c.upload_id, segment_version_sources.c.table_version)
        .join(
            segment_versions,
            and_(
                segment_versions.c.segment_id == segment_version_sources.c.segment_id,
                segment_versions.c.number == segment_version_sources.c.number,
            ),
        )
        .where(segment_version_sources.c.upload_id.in_(upload_ids), segment_versions.c.made_by.is_not(None))
        .distinct()
    )
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.upload_id, set()).add(row.table_version)
    return found


def _version(row: Row[*tuple[Any, ...]], sources: tuple[tuple[int, VersionSource], ...]) -> Version:
    return Version(
        segment_id=SegmentId(row.segment_id),
        number=row.number,
        revision=row.revision,
        cause=Cause(row.cause),
        at=row.at,
        counts=counts_of(row),
        made_by=row.made_by,
        definition=definition_of(row.definition, tuple(source.upload_id for _, source in sources)),
        sources=tuple(source for _, source in sources),
        positions=tuple(position for position, _ in sources),
    )
