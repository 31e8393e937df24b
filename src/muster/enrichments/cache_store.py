"""SQL of the cache of answers: by user, inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select

from muster.db.database import Connection
from muster.db.schema import enrichment_answer_values, enrichment_answers
from muster.ids import UserId

_AT_ONCE: Final = 500
"""Parameters of one statement; SQLite allows 32,766, PostgreSQL twice as many."""

_answers, _values = enrichment_answers.c, enrichment_answer_values.c


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as stored. asked_by: the run and step that asked."""

    question: str
    outcome: str
    answer: bytes
    cost_micros: int
    asked_at: datetime
    asked_by: str


def find(connection: Connection, user_id: UserId, questions: Sequence[str]) -> list[KeptAnswer]:
    """Those of these questions that have an answer."""
    found: list[KeptAnswer] = []
    columns = (
        _answers.question,
        _answers.outcome,
        _answers.answer,
        _answers.cost_micros,
        _answers.asked_at,
        _answers.run_id,
    )
    for some in _cut(questions):
        rows = connection.execute(
            select(*columns).where(_answers.user_id == user_id, _answers.question.in_(some))
        )
        found.extend(KeptAnswer(*row) for row in rows)
    return found


def keep(
    connection: Connection,
    user_id: UserId,
    rows: Sequence[Mapping[str, Any]],
    values: Mapping[str, Collection[str]],
) -> None:
    """Store answers in place of those of the same questions. values: hashes by question."""
    for some in _cut([row["question"] for row in rows]):
        connection.execute(
            delete(enrichment_answers).where(_answers.user_id == user_id, _answers.question.in_(some))
        )
    connection.execute(insert(enrichment_answers), list(rows))
    for some in _cut(list(values)):
        ids = connection.execute(
            select(_answers.question, _answers.id).where(
                _answers.user_id == user_id, _answers.question.in_(some)
            )
        )
        pairs = [
            {"answer_id": row.id, "value_hash": value_hash}
            for row in ids
            for value_hash in sorted(values[row.question])
        ]
        if pairs:
            connection.execute(insert(enrichment_answer_values), pairs)


def erase_values(connection: Connection, user_id: UserId, hashes: Sequence[str]) -> int:
    """Delete the answers one of these values is in; returns how many."""
    erased = 0
    for some in _cut(hashes):
        ids = select(_values.answer_id).where(_values.value_hash.in_(some))
        done = connection.execute(
            delete(enrichment_answers).where(_answers.user_id == user_id, _answers.id.in_(ids))
        )
        erased += done.rowcount
    return erased


def erase_all(connection: Connection, user_id: UserId) -> int:
    """Delete every answer of a user; returns how many."""
    return connection.execute(delete(enrichment_answers).where(_answers.user_id == user_id)).rowcount


def count_by_provider(connection: Connection, user_id: UserId) -> dict[str, int]:
    """How many answers are kept, by provider."""
    counted = select(_answers.provider, func.count()).where(_answers.user_id == user_id)
    rows = connection.execute(counted.group_by(_answers.provider).order_by(_answers.provider))
    return {row[0]: row[1] for row in rows}


def purge(connection: Connection, now: datetime) -> int:
    """Delete what is too old to be used, of all users; returns how many."""
    return connection.execute(delete(enrichment_answers).where(_answers.expires_at <= now)).rowcount


def _cut(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE)]
