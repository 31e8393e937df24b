"""Decide how a file is read and its columns named, and start the work on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict, InputError, Issue
from muster.uploads.decide import Decision, keep_decision, suggest
from muster.uploads.job_state import start_build, working_job
from muster.uploads.mapping import Mapping as ColumnsMapping
from muster.uploads.mapping_store import MappingStore
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.preview import complete_file, seen_as
from muster.uploads.readers.model import Detected, FileFormat
from muster.uploads.reprocess import RESTING
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore
from muster.uploads.templates import remember, template

_GROWING = frozenset({FileFormat.JSON, FileFormat.NDJSON})
"""Formats whose columns are found while reading: one that the first records lack may come yet."""
_SUGGESTED_FOR = 10


@dataclass(frozen=True, slots=True)
class MappingWish:
    """What is to be decided; one of mapping, use_template and is_auto says how columns are named.

    overrides: members of the layout by name. template: the name to keep the mapping under.
    """

    overrides: Mapping[str, Any] = field(default_factory=dict)
    mapping: ColumnsMapping | None = None
    template: str | None = None
    use_template: str | None = None
    is_auto: bool = False


def decide_mapping(
    room: UploadsRoom,
    principal: Principal,
    upload_id: str,
    wish: MappingWish,
    also: Callable[[Connection, Upload], None] = lambda _connection, _upload: None,
) -> Upload:
    """Keep the decision, remember it for files with these headers, and queue the job, in one transaction.

    A table that is there stays readable until the new one is done. also: what else belongs into the transaction.
    Raises NotFound, Forbidden, Conflict (`upload_busy`, `upload_not_complete`, `not_a_file`), InputError
    (`layout_invalid`, `mapping_invalid`, `template_misfits`, or why the file cannot be read), Unavailable.
    """
    with room.db.read() as connection:
        upload, file = complete_file(connection, principal, upload_id)
        _refuse_while_working(connection, principal, upload_id)
    detected = seen_as(room, principal, file, wish.overrides)
    if detected.problem is not None:
        raise InputError(detected.problem, code=detected.problem_code)
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        # The row is locked by the change, so of two who decide at once the second one sees the first one's job.
        if not store.move(upload_id, RESTING, UploadStatus.UPLOADED, None):
            store.get(upload_id)
            raise Conflict("This upload changed meanwhile. Look at it and decide again.", code="upload_busy")
        _refuse_while_working(connection, principal, upload_id)
        decision = _decision(connection, principal, detected, wish)
        keep_decision(connection, principal.user_id, upload.id, decision)
        _remember(room, connection, principal, decision, wish)
        now = room.clock()
        start_build(connection, principal, upload.id, file.received_bytes, now)
        audit.record(
            connection, principal, "upload.mapped", upload.id, {"columns": len(decision.layout.columns)}, now
        )
        upload = store.get(upload_id)
        also(connection, upload)
    return upload


def _refuse_while_working(connection: Connection, principal: Principal, upload_id: str) -> None:
    if working_job(connection, principal, upload_id) is not None:
        raise Conflict("A job works on this upload. Wait for it, or cancel it first.", code="upload_busy")


def _decision(
    connection: Connection, principal: Principal, detected: Detected, wish: MappingWish
) -> Decision:
    layout = detected.layout
    if wish.use_template is not None:
        kept = template(connection, principal.user_id, wish.use_template, layout.columns)
        return Decision(layout, kept.mapping, "user")
    if wish.mapping is not None:
        if layout.format not in _GROWING:
            check_sources(wish.mapping, layout.columns)
        return Decision(layout, wish.mapping, "user")
    suggestion = suggest(connection, principal.user_id, detected)
    return Decision(layout, suggestion.mapping, suggestion.by)


def _remember(
    room: UploadsRoom, connection: Connection, principal: Principal, decision: Decision, wish: MappingWish
) -> None:
    """What people decided; a guess is no decision, unless they give it a name."""
    now = room.clock()
    if wish.use_template is not None:
        store = MappingStore(connection, principal.user_id)
        used = store.named(wish.use_template)
        if used is not None:
            store.touch(used.id, now)
    if decision.by == "user" or wish.template is not None:
        columns = decision.layout.columns
        remember(connection, principal.user_id, columns, decision.mapping, now, wish.template)


def check_sources(mapping: ColumnsMapping, columns: Sequence[str]) -> None:
    """Raise InputError (`mapping_invalid`) with an issue for each source the file lacks, and what may be meant."""
    known = set(columns)
    issues: list[Issue] = []
    for at, step in enumerate(mapping.steps):
        for name in step.sources:
            if name not in known:
                # Comparing with every column of a wide file takes a while.
                close = get_close_matches(name, columns, 3) if len(issues) < _SUGGESTED_FOR else []
                message = f"The file has no column `{name}`." + _meant(close)
                issues.append(Issue(None, name, f"/mapping/columns/{at}/from", "column_unknown", message))
    if issues:
        raise InputError(issues[0].message, code="mapping_invalid", issues=issues)


def _meant(close: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
