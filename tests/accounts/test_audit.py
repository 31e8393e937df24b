"""Audit lines live and die with the transaction that did the thing."""

import pytest

from muster.accounts import audit, users
from muster.accounts.model import User
from muster.accounts.room import AccountsRoom


def test_a_line_tells_who_did_what_to_what(room: AccountsRoom, owner: User) -> None:
    me = users.by_command_line(owner)
    with room.db.begin() as connection:
        audit.record(connection, me, "upload.deleted", "upl_1", {"rows": 50_000}, room.clock())
    lines, following, total = audit.lines(room, me, 10, None)
    newest = lines[0]
    assert (newest.at, newest.actor, newest.action) == (room.clock(), "cli", "upload.deleted")
    assert (newest.subject, newest.details) == ("upl_1", {"rows": 50_000})
    assert (following, total) == (None, 2)


def test_what_did_not_happen_is_not_in_the_log(room: AccountsRoom, owner: User) -> None:
    me = users.by_command_line(owner)

    def fail_after_recording() -> None:
        with room.db.begin() as connection:
            audit.record(connection, me, "upload.deleted", "upl_1", {}, room.clock())
            raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError):
        fail_after_recording()
    assert [line.action for line in audit.lines(room, me, 10, None)[0]] == ["user.created"]


def test_lines_of_the_same_instant_come_in_the_order_they_were_written(
    room: AccountsRoom, owner: User
) -> None:
    me = users.by_command_line(owner)
    with room.db.begin() as connection:
        for number in range(12):
            audit.record(connection, me, f"thing.{number}", "x", {}, room.clock())
    found, cursor = [], None
    while True:
        page, cursor, _ = audit.lines(room, me, 5, cursor)
        found += [line.action for line in page]
        if cursor is None:
            break
    assert found == [f"thing.{number}" for number in reversed(range(12))] + ["user.created"]
