"""The audit log: what was done, by which token, to what. Ids and counts, never personal data."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from muster.accounts.model import AuditLine, Principal
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Owned
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import InputError, Issue


def record(
    connection: Connection,
    principal: Principal,
    action: str,
    subject: str,
    details: Mapping[str, str | int],
    now: datetime,
) -> None:
    """Write one line in the caller's transaction, so that it tells of what happened and nothing else.

    action: past tense, `<noun>.<verb>`, e.g. `upload.deleted`. subject: the id of the thing.
    details: ids and counts only; never an e-mail address, a name or a record.
    """
    Owned(connection, principal.user_id).add_audit_line(now, principal.actor, action, subject, details)


def lines(
    room: AccountsRoom, principal: Principal, limit: int, cursor: Cursor | None
) -> tuple[Sequence[AuditLine], Cursor | None, int]:
    """One page of the user's own lines, newest first; the cursor of the next; how many in all."""
    before = None if cursor is None else (cursor.created_at, _line_id(cursor.id))
    with room.db.read() as connection:
        found, total = Owned(connection, principal.user_id).audit_lines(limit + 1, before)
    page = found[:limit]
    following = Cursor(page[-1].at, str(page[-1].id)) if len(found) > limit else None
    return page, following, total


def _line_id(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 18:  # within 64 bits
        return int(text)
    message = "This cursor was not issued here. Start again without `cursor`."
    raise InputError(
        message,
        code="cursor_invalid",
        issues=[Issue(None, "cursor", "/cursor", "cursor_invalid", message)],
    )
