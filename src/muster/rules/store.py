"""SQL of rules: the rules one user owns, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, update

from muster.db.database import Connection
from muster.db.schema import rules, users
from muster.errors import Forbidden, NotFound
from muster.ids import UserId
from muster.records.rule_parse import parse_rule, rule_json
from muster.records.rules import Rule
from muster.rules.model import StoredRule


class RuleStore:
    """Cannot be made without a user, and touches only that user's rules."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def lock(self) -> None:
        """Wait until no other transaction changes this user's rules: count and positions must hold.

        SQLite has one writer at a time anyway, and no such clause.
        """
        mine = select(users.c.id).where(users.c.id == self._user_id)
        self._connection.execute(mine.with_for_update(key_share=True))

    def list(self) -> Sequence[StoredRule]:
        """In their order."""
        found = select(rules).where(rules.c.user_id == self._user_id).order_by(rules.c.position, rules.c.id)
        return [_stored(row) for row in self._connection.execute(found)]

    def count(self) -> int:
        mine = select(func.count()).select_from(rules).where(rules.c.user_id == self._user_id)
        return self._connection.execute(mine).scalar_one()

    def get(self, rule_id: str) -> StoredRule:
        """Raises NotFound for an unknown id, Forbidden when the rule is another user's."""
        if _is_rule_id(rule_id):
            mine = select(rules).where(rules.c.id == rule_id, rules.c.user_id == self._user_id)
            row = self._connection.execute(mine).one_or_none()
            if row is not None:
                return _stored(row)
            if self._connection.execute(select(exists().where(rules.c.id == rule_id))).scalar_one():
                raise Forbidden("This rule belongs to someone else.", code="rule_not_yours")
        raise NotFound("There is no rule with this id; it may have been deleted.", code="rule_not_found")

    def add(self, stored: StoredRule) -> None:
        values = {
            "id": stored.rule.id,
            "user_id": self._user_id,
            "created_at": stored.created_at,
            "updated_at": stored.updated_at,
        }
        self._connection.execute(
            insert(rules).values(**values, **_cells(stored.rule), position=stored.position)
        )

    def change(self, rule: Rule, at: datetime) -> None:
        mine = (rules.c.id == rule.id) & (rules.c.user_id == self._user_id)
        self._connection.execute(update(rules).where(mine).values(**_cells(rule), updated_at=at))

    def remove(self, rule_id: str) -> None:
        mine = (rules.c.id == rule_id) & (rules.c.user_id == self._user_id)
        self._connection.execute(delete(rules).where(mine))

    def place(self, rule_ids: Sequence[str]) -> None:
        """Number these rules in this order."""
        for position, rule_id in enumerate(rule_ids):
            mine = (rules.c.id == rule_id) & (rules.c.user_id == self._user_id)
            self._connection.execute(update(rules).where(mine).values(position=position))


def _cells(rule: Rule) -> dict[str, Any]:
    shown = rule_json(rule)
    return {"name": shown.pop("name"), "enabled": shown.pop("enabled"), "rule": shown}


def _stored(row: Row[*tuple[Any, ...]]) -> StoredRule:
    sent = {**row.rule, "name": row.name, "enabled": row.enabled}
    return StoredRule(parse_rule(sent, rule_id=row.id), row.position, row.created_at, row.updated_at)


def _is_rule_id(text: str) -> bool:
    return len(text) == 26 and text.startswith("rul_") and text.isascii() and text[4:].isalnum()
