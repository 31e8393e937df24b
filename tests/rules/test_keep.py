"""Rules kept by two at once, and rules that this version reads no more."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from muster.accounts.model import Principal
from muster.errors import Conflict, InputError
from muster.records.rules import MAX_RULES, Email, Rule
from muster.rules import keep
from muster.rules.room import RulesRoom

RULE = Rule("", "Mail", "email", Email())


def test_many_creators_at_once_never_exceed_the_limit_or_share_a_position(
    room: RulesRoom, as_ana: Principal
) -> None:
    for _ in range(MAX_RULES - 3):
        keep.create(room, as_ana, RULE)

    def create(_: int) -> str:
        try:
            keep.create(room, as_ana, RULE)
        except Conflict as refused:
            return refused.error_code
        return "made"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(create, range(6))) == ["made"] * 3 + ["rules_too_many"] * 3
    assert [stored.position for stored in keep.list_rules(room, as_ana)] == list(range(MAX_RULES))


def test_a_rule_that_fails_with_its_answer_is_not_kept(room: RulesRoom, as_ana: Principal) -> None:
    def also(_connection: object, _made: object) -> None:
        raise Conflict("The answer could not be remembered.")

    with pytest.raises(Conflict):
        keep.create(room, as_ana, RULE, also)
    assert keep.list_rules(room, as_ana) == []


def test_a_stored_rule_nobody_can_read_any_more_is_refused_and_never_skipped(
    room: RulesRoom, as_ana: Principal
) -> None:
    keep.create(room, as_ana, RULE)
    with room.db.begin() as connection:
        broken = (
            '{"field": "email", "test": {"kind": "telepathy"}, "severity": "reject", "otherwise": "reject"}'
        )
        connection.execute(text("UPDATE rules SET rule = :broken"), {"broken": broken})
    with room.db.read() as connection, pytest.raises(InputError) as refused:
        keep.load_rules(connection, as_ana.user_id)
    assert refused.value.error_code == "rule_invalid"
