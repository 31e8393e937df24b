"""Mappings that outlive their upload: keep, recall, fit to another file, list, rename, delete."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import Conflict, InputError, Issue, NotFound
from muster.ids import UserId, new_mapping_id
from muster.records.headers import respelled, signature
from muster.uploads.mapping import Mapping
from muster.uploads.mapping_model import MAX_KEPT, KeptMapping
from muster.uploads.mapping_store import MappingStore, name_taken
from muster.uploads.room import UploadsRoom


@dataclass(frozen=True, slots=True)
class MappingPage:
    """Some mappings, newest first; how many there are in all; where the next page starts."""

    mappings: Sequence[KeptMapping]
    total: int
    next_cursor: Cursor | None


def fitted(mapping: Mapping, columns: Sequence[str]) -> tuple[Mapping, tuple[str, ...]]:
    """The mapping with its sources as this file spells them, and the sources the file lacks.

    `E-Mail`, `e_mail` and `e mail` are the same header; an exact match counts more.
    """
    sources = [name for step in mapping.steps for name in step.sources]
    spelled = respelled(sources, columns)
    steps = tuple(
        replace(step, sources=tuple(spelled.get(name, name) for name in step.sources))
        for step in mapping.steps
    )
    return replace(mapping, steps=steps), tuple(dict.fromkeys(n for n in sources if n not in spelled))


def recall(connection: Connection, user_id: UserId, columns: Sequence[str]) -> KeptMapping | None:
    """What was decided last for a file with these headers, fitted to this one; None when it does not fit."""
    if not columns:
        return None
    kept = MappingStore(connection, user_id).remembered(signature(columns))
    if kept is None:
        return None
    mapping, missing = fitted(kept.mapping, columns)
    return None if missing else replace(kept, mapping=mapping)


def template(connection: Connection, user_id: UserId, name: str, columns: Sequence[str]) -> KeptMapping:
    """A template fitted to a file; columns: of the file.

    Raises NotFound (`template_not_found`), InputError (`template_misfits`) naming what the file lacks.
    """
    kept = MappingStore(connection, user_id).named(name)
    if kept is None:
        raise NotFound(
            "You have no template of this name; see /api/audience/mappings.", code="template_not_found"
        )
    mapping, missing = fitted(kept.mapping, columns)
    if missing:
        issues = [
            Issue(
                None,
                name,
                "/use_template",
                "column_unknown",
                f"The template reads `{name}`, which this file lacks.",
            )
            for name in missing
        ]
        raise InputError(
            f"This template does not fit the file: {issues[0].message}",
            code="template_misfits",
            issues=issues,
        )
    return replace(kept, mapping=mapping)


def remember(
    connection: Connection,
    user_id: UserId,
    columns: Sequence[str],
    mapping: Mapping,
    now: datetime,
    name: str | None = None,
) -> None:
    """Keep what was decided for files with these headers, and under a name when there is one.

    In place of what was kept before. Raises Conflict (`templates_too_many`).
    """
    store = MappingStore(connection, user_id)
    store.lock()
    _put(store, store.remembered(signature(columns)), None, columns, mapping, now)
    if name is not None:
        _put(store, store.named(name), name, columns, mapping, now)
    store.forget_oldest(MAX_KEPT)
    if store.count() > MAX_KEPT:
        raise Conflict(
            f"You have {MAX_KEPT} templates, as many as one user may have. Delete one first.",
            code="templates_too_many",
        )


def _put(
    store: MappingStore,
    before: KeptMapping | None,
    name: str | None,
    columns: Sequence[str],
    mapping: Mapping,
    now: datetime,
) -> None:
    if before is None:
        store.add(KeptMapping(new_mapping_id(), name, signature(columns), mapping, now, now))
    else:
        store.replace(replace(before, signature=signature(columns), mapping=mapping, used_at=now))


def list_mappings(room: UploadsRoom, principal: Principal, limit: int, after: Cursor | None) -> MappingPage:
    """One page of the user's own."""
    with room.db.read() as connection:
        store = MappingStore(connection, principal.user_id)
        found = store.list(limit + 1, after)
        total = store.count()
    page = found[:limit]
    more = len(found) > limit
    return MappingPage(page, total, Cursor(page[-1].created_at, page[-1].id) if more else None)


def rename_mapping(room: UploadsRoom, principal: Principal, mapping_id: str, name: str) -> KeptMapping:
    """Give a template another name, or make one of what was only remembered (which stays remembered too).

    Raises NotFound, Forbidden, Conflict (`template_name_taken`).
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = MappingStore(connection, principal.user_id)
        store.lock()
        kept = store.get(mapping_id)
        holder = store.named(name)
        if holder is not None and holder.id != kept.id:
            raise name_taken()
        store.rename(kept.id, name)
        if kept.name is None:
            store.add(replace(kept, id=new_mapping_id()))
        audit.record(connection, principal, "mapping.renamed", mapping_id, {}, now)
        return store.get(mapping_id)


def delete_mapping(room: UploadsRoom, principal: Principal, mapping_id: str) -> None:
    """Forget it; tables made with it stay as they are. Raises NotFound, Forbidden."""
    with room.db.begin() as connection:
        store = MappingStore(connection, principal.user_id)
        store.get(mapping_id)
        store.remove(mapping_id)
        audit.record(connection, principal, "mapping.deleted", mapping_id, {}, room.clock())
