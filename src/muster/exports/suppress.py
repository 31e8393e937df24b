"""The list of people who must not leave: add, check, list, remove; and what exports look rows up in.

Only keyed hashes are kept. The key is the server's own (db/seal.py) and another for each user.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.seal import Seal
from muster.errors import InputError, Issue
from muster.exports.model import Definition
from muster.exports.requests import SuppressionsBody
from muster.exports.room import ExportsRoom
from muster.exports.suppressed import (
    DIGEST_CHARACTERS,
    Digest,
    Spelled,
    SuppressedRows,
    SuppressionKind,
    spelled,
)
from muster.exports.suppression_store import Suppression, SuppressionStore
from muster.ids import UserId, new_suppression_id

API: Final = "api"
Also = Callable[[Connection, "Added"], None]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding values. refused: places of those that are nothing to suppress."""

    added: int
    already: int
    refused: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of one value. kind: None for what is none of the three; by: the kind of entry it is covered by."""

    index: int
    kind: SuppressionKind | None
    by: SuppressionKind | None


def digester(seal: Seal, user_id: UserId) -> Digest:
    """How entries of this user are hashed."""
    context = f"suppression {user_id}"
    return lambda entry: seal.digest(f"{entry.kind} {entry.text}", context)[:DIGEST_CHARACTERS]


def suppress(
    room: ExportsRoom,
    principal: Principal,
    asked: SuppressionsBody,
    also: Also = lambda _connection, _added: None,
    *,
    source: str = API,
) -> Added:
    """Put values on the list; what is on it already stays. also: what else belongs into the transaction.

    source: who put them there. Raises InputError (`suppression_invalid`) when not one of the values can be suppressed.
    """
    entries, refused = _spelled(asked)
    if not entries:
        raise InputError(
            "None of these is an e-mail address, a phone number with its country code, or a domain.",
            code="suppression_invalid",
            issues=refused,
        )
    now = room.clock()
    digest = digester(room.seal, principal.user_id)
    with room.db.begin() as connection:
        store = SuppressionStore(connection, principal.user_id)
        store.lock()
        by_digest = {(entry.kind, digest(entry)): entry for entry in entries.values()}
        known = store.known(by_digest)
        new = [
            Suppression(new_suppression_id(), kind, digested, asked.reason, source, now)
            for kind, digested in by_digest
            if (kind, digested) not in known
        ]
        store.add(new)
        added = Added(len(new), len(entries) - len(new), tuple(refused))
        audit.record(
            connection, principal, "suppression.added", principal.user_id, {"entries": len(new)}, now
        )
        also(connection, added)
    return added


def unsuppress(room: ExportsRoom, principal: Principal, asked: SuppressionsBody) -> int:
    """Take values off the list; returns how many were on it."""
    entries, _ = _spelled(asked)
    digest = digester(room.seal, principal.user_id)
    with room.db.begin() as connection:
        wanted = {(entry.kind, digest(entry)) for entry in entries.values()}
        removed = SuppressionStore(connection, principal.user_id).remove(wanted)
        _note_removed(connection, principal, removed, room.clock())
    return removed


def remove_entry(room: ExportsRoom, principal: Principal, entry_id: str) -> None:
    """Take one entry off the list. Raises NotFound, Forbidden."""
    with room.db.begin() as connection:
        SuppressionStore(connection, principal.user_id).remove_id(entry_id)
        _note_removed(connection, principal, 1, room.clock())


def check(room: ExportsRoom, principal: Principal, asked: SuppressionsBody) -> Sequence[Checked]:
    """Whether each value is suppressed, and by what."""
    digest = digester(room.seal, principal.user_id)
    found: list[tuple[SuppressionKind | None, list[tuple[SuppressionKind, str]]]] = []
    for value in asked.values:
        entry = _one(value, asked)
        covering = [] if entry is None else [(each.kind, digest(each)) for each in entry.covered_by()]
        found.append((None if entry is None else entry.kind, covering))
    with room.db.read() as connection:
        asked_for = {pair for _, covering in found for pair in covering}
        known = SuppressionStore(connection, principal.user_id).known(asked_for)
    return [
        Checked(index, kind, next((pair[0] for pair in covering if pair in known), None))
        for index, (kind, covering) in enumerate(found)
    ]


def list_suppressions(
    room: ExportsRoom, principal: Principal, kind: SuppressionKind | None, limit: int, cursor: Cursor | None
) -> tuple[Sequence[Suppression], Cursor | None, Mapping[SuppressionKind, int]]:
    """One page, newest first; the cursor of the next; how many there are of each kind."""
    with room.db.read() as connection:
        store = SuppressionStore(connection, principal.user_id)
        found = store.list(kind, limit + 1, cursor)
        counts = store.counts()
    page = found[:limit]
    following = Cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None
    return page, following, counts


def load_suppressed(
    connection: Connection, seal: Seal, user_id: UserId, definition: Definition
) -> SuppressedRows:
    """What finds the rows of an export that name anybody on the list as it is now."""
    region = None if definition.hashing is None else definition.hashing.region
    return SuppressedRows(
        SuppressionStore(connection, user_id).digests(),
        digester(seal, user_id),
        definition.identities,
        definition.country,
        region,
    )


def _spelled(asked: SuppressionsBody) -> tuple[dict[int, Spelled], list[Issue]]:
    """The entries by their place, and what is none."""
    entries: dict[int, Spelled] = {}
    refused: list[Issue] = []
    for at, value in enumerate(asked.values):
        entry = _one(value, asked)
        if entry is None:
            message = "This is no e-mail address, no phone number with its country code, and no domain."
            refused.append(Issue(None, "values", f"/values/{at}", "suppression_invalid", message))
        else:
            entries[at] = entry
    return entries, refused


def _one(value: str, asked: SuppressionsBody) -> Spelled | None:
    kind = None if asked.kind is None else SuppressionKind(asked.kind)
    return spelled(value, kind, None if asked.region is None else asked.region.upper())


def _note_removed(connection: Connection, principal: Principal, entries: int, now: datetime) -> None:
    details = {"entries": entries}
    audit.record(connection, principal, "suppression.removed", principal.user_id, details, now)
