"""Create, change, order and delete rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict, InputError, Issue
from muster.ids import UserId, new_rule_id
from muster.records.rule_parse import parse_rule, rule_json
from muster.records.rules import MAX_RULES, Rule
from muster.rules.model import StoredRule
from muster.rules.room import RulesRoom
from muster.rules.store import RuleStore

Also = Callable[[Connection, StoredRule], None]


def load_rules(connection: Connection, user_id: UserId) -> Sequence[Rule]:
    """The user's enabled rules in their order, in the caller's transaction; for whoever applies them."""
    return [stored.rule for stored in RuleStore(connection, user_id).list() if stored.rule.enabled]


def list_rules(room: RulesRoom, principal: Principal) -> Sequence[StoredRule]:
    """All rules of the user in their order, the ones that are switched off too."""
    with room.db.read() as connection:
        return RuleStore(connection, principal.user_id).list()


def get_rule(room: RulesRoom, principal: Principal, rule_id: str) -> StoredRule:
    """Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        return RuleStore(connection, principal.user_id).get(rule_id)


def create(
    room: RulesRoom, principal: Principal, rule: Rule, also: Also = lambda _connection, _made: None
) -> StoredRule:
    """Keep a rule, behind the others. also: what else belongs into the transaction.

    Raises Conflict (`rules_too_many`) when the user has as many as one may have.
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = RuleStore(connection, principal.user_id)
        store.lock()
        count = store.count()
        if count >= MAX_RULES:
            raise Conflict(
                f"You have {MAX_RULES} rules, as many as one user may have. Delete one first.",
                code="rules_too_many",
            )
        made = StoredRule(replace(rule, id=new_rule_id()), count, now, now)
        store.add(made)
        audit.record(connection, principal, "rule.created", made.rule.id, {}, now)
        also(connection, made)
    return made


def change(room: RulesRoom, principal: Principal, rule_id: str, members: Mapping[str, Any]) -> StoredRule:
    """Replace the members that are given (as JSON); a given `test` replaces the whole test.

    Raises InputError (`rule_invalid`) when what comes out is no rule, NotFound, Forbidden.
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = RuleStore(connection, principal.user_id)
        store.lock()
        stored = store.get(rule_id)
        rule = parse_rule({**rule_json(stored.rule), **members}, rule_id=rule_id)
        if rule == stored.rule:
            return stored
        store.change(rule, now)
        audit.record(connection, principal, "rule.changed", rule_id, {}, now)
    return replace(stored, rule=rule, updated_at=now)


def delete(room: RulesRoom, principal: Principal, rule_id: str) -> None:
    """Raises NotFound, Forbidden. Tables that were built with the rule stay as they are."""
    with room.db.begin() as connection:
        store = RuleStore(connection, principal.user_id)
        store.lock()
        store.get(rule_id)
        store.remove(rule_id)
        store.place([stored.rule.id for stored in store.list()])
        audit.record(connection, principal, "rule.deleted", rule_id, {}, room.clock())


def order(room: RulesRoom, principal: Principal, rule_ids: Sequence[str]) -> Sequence[StoredRule]:
    """Put the rules into this order; every rule of the user must be named once.

    Raises InputError (`rule_order_invalid`), NotFound and Forbidden for ids that are not the user's.
    """
    with room.db.begin() as connection:
        store = RuleStore(connection, principal.user_id)
        store.lock()
        for rule_id in rule_ids:
            store.get(rule_id)
        mine = {stored.rule.id for stored in store.list()}
        if len(rule_ids) != len(mine) or set(rule_ids) != mine:
            message = f"Name each of your {len(mine)} rules once, in the order they are to be applied."
            issue = Issue(None, "rule_ids", "/rule_ids", "rule_order_invalid", message)
            raise InputError(message, code="rule_order_invalid", issues=[issue])
        store.place(rule_ids)
        audit.record(
            connection, principal, "rule.ordered", principal.user_id, {"rules": len(mine)}, room.clock()
        )
        return store.list()
