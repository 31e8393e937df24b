"""SQL of probable matches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.schema import identity_match_sources, identity_matches
from muster.errors import Forbidden, NotFound
from muster.ids import UserId, is_match_id
from muster.segments.match_model import Compare, Match, MatchFacts
from muster.segments.model import MatchId, Source, Status
from muster.tables.dependants import Dependant


class MatchStore:
    """Cannot be made without a user, and touches only that user's matches."""

    def __init__(self, connection: Connection, principal: Principal) -> None:
        self._connection = connection
        self._user_id: UserId = principal.user_id

    def get(self, match_id: str) -> Match:
        """Raises NotFound for an unknown id, Forbidden when the match is another user's."""
        if is_match_id(match_id):
            row = self._connection.execute(select(identity_matches).where(self._is(match_id))).one_or_none()
            if row is not None:
                return _match(row, self._sources([match_id])[match_id])
            if self._connection.execute(
                select(exists().where(identity_matches.c.id == match_id))
            ).scalar_one():
                raise Forbidden("This match belongs to someone else.", code="match_not_yours")
        raise NotFound("There is no match with this id; it may have been deleted.", code="match_not_found")

    def list(self, limit: int, after: Cursor | None) -> Sequence[Match]:
        """The newest first."""
        condition = identity_matches.c.user_id == self._user_id
        if after is not None:
            condition &= after.after(identity_matches.c.created_at, identity_matches.c.id)
        found = self._connection.execute(
            select(identity_matches)
            .where(condition)
            .order_by(identity_matches.c.created_at.desc(), identity_matches.c.id.desc())
            .limit(limit)
        ).all()
        sources = self._sources([row.id for row in found])
        return [_match(row, sources[row.id]) for row in found]

    def count(self) -> int:
        mine = identity_matches.c.user_id == self._user_id
        return self._connection.execute(
            select(func.count()).select_from(identity_matches).where(mine)
        ).scalar_one()

    def add(self, match: Match) -> None:
        """Raises NotFound (`upload_not_found`) when an upload went this very moment."""
        self._connection.execute(
            insert(identity_matches).values(
                id=match.id,
                user_id=self._user_id,
                status=match.status.value,
                wish={"compare": msgspec.to_builtins(match.compare), "threshold": match.threshold},
                facts=None,
                labels_key=match.labels_key,
                created_at=match.created_at,
                updated_at=match.updated_at,
            )
        )
        rows = [
            {
                "match_id": match.id,
                "position": at,
                "upload_id": source.upload_id,
                "table_version": source.version,
            }
            for at, source in enumerate(match.sources)
        ]
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(identity_match_sources), rows)
        except IntegrityError as error:
            raise NotFound(
                "There is no upload with this id; it may have been deleted.", code="upload_not_found"
            ) from error

    def set_job(self, match_id: str, job_id: str) -> None:
        self._change(match_id, job_id=job_id)

    def finish(self, match_id: str, facts: MatchFacts, made_by: str, at: datetime) -> bool:
        """The match is ready; False when it was deleted meanwhile."""
        return self._change(
            match_id,
            status=Status.READY.value,
            reason_code=None,
            reason=None,
            facts=msgspec.to_builtins(facts),
            made_by=made_by,
            updated_at=at,
        )

    def fail(self, match_id: str, code: str, reason: str, at: datetime) -> None:
        self._change(match_id, status=Status.FAILED.value, reason_code=code, reason=reason, updated_at=at)

    def decide(self, match_id: str, key: str, before: str | None, at: datetime) -> bool:
        """Point to new decisions; False when somebody else did first."""
        was = (
            identity_matches.c.decisions_key.is_(None)
            if before is None
            else identity_matches.c.decisions_key == before
        )
        done = self._connection.execute(
            update(identity_matches).where(self._is(match_id), was).values(decisions_key=key, updated_at=at)
        )
        return done.rowcount == 1

    def remove(self, match_id: str) -> None:
        self._connection.execute(delete(identity_matches).where(self._is(match_id)))

    def _change(self, match_id: str, **values: Any) -> bool:
        done = self._connection.execute(update(identity_matches).where(self._is(match_id)).values(**values))
        return done.rowcount == 1

    def _is(self, match_id: str) -> ColumnElement[bool]:
        return and_(identity_matches.c.id == match_id, identity_matches.c.user_id == self._user_id)

    def _sources(self, match_ids: Sequence[str]) -> dict[str, tuple[Source, ...]]:
        rows = self._connection.execute(
            select(identity_match_sources)
            .where(identity_match_sources.c.match_id.in_(match_ids))
            .order_by(identity_match_sources.c.match_id, identity_match_sources.c.position)
        )
        found: dict[str, list[Source]] = {match_id: [] for match_id in match_ids}
        for row in rows:
            found[row.match_id].append(Source(row.upload_id, row.table_version))
        return {match_id: tuple(each) for match_id, each in found.items()}


def made_from(connection: Connection, user_id: UserId, upload_id: str) -> Sequence[Dependant]:
    """The matches that are made from an upload."""
    rows = connection.execute(
        select(identity_matches.c.id)
        .join(identity_match_sources, identity_match_sources.c.match_id == identity_matches.c.id)
        .where(identity_matches.c.user_id == user_id, identity_match_sources.c.upload_id == upload_id)
        .order_by(identity_matches.c.id)
    )
    return [Dependant("probable match", row.id, row.id) for row in rows]


def held(connection: Connection, upload_ids: Sequence[str]) -> dict[str, set[int]]:
    """The versions of these tables that matches looked at, whoever owns them."""
    rows = connection.execute(
        select(identity_match_sources.c.upload_id, identity_match_sources.c.table_version)
        .where(identity_match_sources.c.upload_id.in_(upload_ids))
        .distinct()
    )
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.upload_id, set()).add(row.table_version)
    return found


def _match(row: Row[*tuple[Any, ...]], sources: tuple[Source, ...]) -> Match:
    return Match(
        id=MatchId(row.id),
        status=Status(row.status),
        reason_code=row.reason_code,
        reason=row.reason,
        sources=sources,
        compare=msgspec.convert(row.wish["compare"], tuple[Compare, ...]),
        threshold=row.wish["threshold"],
        facts=None if row.facts is None else msgspec.convert(row.facts, MatchFacts),
        labels_key=row.labels_key,
        decisions_key=row.decisions_key,
        made_by=row.made_by,
        job_id=row.job_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
