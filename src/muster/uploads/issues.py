"""Everything that is wrong with an upload, by cause: what was kept aside, and what rules say of the table."""

from collections.abc import Sequence
from typing import Final

from muster.accounts.model import Principal
from muster.records.issues import RecordCode, RuleCode
from muster.records.suggest import kind_of
from muster.records.transforms import Action
from muster.tables.actions import DROP
from muster.tables.issue_groups import IssueGroup, TableIssues, table_issues, warned_values
from muster.tables.manifest import load_manifest
from muster.tables.model import Manifest, TableId
from muster.tables.publish import newest
from muster.uploads.issue_model import (
    CauseGroup,
    RejectGroup,
    RejectGroups,
    Sample,
    Suggested,
    UploadIssues,
)
from muster.uploads.model import Upload
from muster.uploads.reject_groups import MAX_LOOKED_AT, Corrections, reject_groups
from muster.uploads.rejects import rejects_key_of
from muster.uploads.room import UploadsRoom

_EMPTY: Final = frozenset(
    {RuleCode.REQUIRED, RuleCode.FIELD_NEEDED_WITH, RecordCode.IDENTITY_BLANK, RecordCode.IDENTITY_MISSING}
)
"""Causes that only a value can cure."""
_FIRST: Final[dict[str, tuple[Action, ...]]] = {
    RuleCode.BLANKS: (Action.TRIM,),
    RuleCode.LETTER_CASE: (Action.LOWER, Action.UPPER),
}
_USUAL: Final = (Action.TRIM, Action.LOWER, Action.UPPER, Action.REPLACE, Action.SET, Action.CLEAR)
_MOST_LOOKED_AT: Final = 20
"""Groups of a table in which corrections are looked for."""


def upload_issues(room: UploadsRoom, principal: Principal, upload: Upload) -> UploadIssues:
    """The groups of an upload: rejects first, then warnings, then fixes, the largest first.

    Counted once for each version and kept. Raises Overloaded, StorageFull, Unavailable.
    """
    key = rejects_key_of(room, principal, upload)
    rejects = None if key is None else reject_groups(room, principal, upload, key)
    with room.db.read() as connection:
        pointer = newest(connection, principal.user_id, TableId(upload.id))
    groups = _of_rejects(rejects)
    if pointer is None:
        return _issues(upload, None, rejects, groups, TableIssues())
    manifest = load_manifest(room.tables, pointer.table_id, pointer.version)
    found = room.table_issues.get(
        (manifest.table_id, manifest.version), lambda: table_issues(room.tables, manifest)
    )
    groups += _of_table(room, manifest, found)
    return _issues(upload, manifest.version, rejects, groups, found)


def _issues(
    upload: Upload,
    version: int | None,
    rejects: RejectGroups | None,
    groups: Sequence[CauseGroup],
    found: TableIssues,
) -> UploadIssues:
    return UploadIssues(
        upload,
        version,
        tuple(groups),
        0 if rejects is None else len(rejects.group_of),
        0 if rejects is None else rejects.discarded,
        found.rows_warned,
        found.rows_fixed,
    )


def _of_rejects(rejects: RejectGroups | None) -> list[CauseGroup]:
    groups = () if rejects is None else rejects.groups
    found = [
        CauseGroup(
            group.code,
            group.field,
            "reject",
            group.rows,
            0,
            group.message,
            group.samples,
            group.suggested,
            _reject_fixes(group),
        )
        for group in groups
    ]
    return sorted(found, key=lambda group: -group.rows)


def _reject_fixes(group: RejectGroup) -> tuple[str, ...]:
    if group.code == RecordCode.DISCARDED:
        return ()
    if group.code in _EMPTY and group.has_columns:
        return (Action.SET, DROP)
    if group.field is None or not group.has_columns:
        return (DROP,)
    return (*_fixes(group.code, group.suggested), DROP)


def _fixes(code: str, suggested: Suggested | None) -> tuple[str, ...]:
    first = (*((Action.SUGGEST,) if suggested is not None else ()), *_FIRST.get(code, ()))
    return tuple(str(action) for action in dict.fromkeys((*first, *_USUAL)))


def _of_table(room: UploadsRoom, manifest: Manifest, found: TableIssues) -> list[CauseGroup]:
    warned = [group for group in found.groups if group.severity == "warn"]
    fixed = [group for group in found.groups if group.severity != "warn"]
    return [
        *(
            _cause(group, _suggested(room, manifest, group) if at < _MOST_LOOKED_AT else None)
            for at, group in enumerate(warned)
        ),
        *(_cause(group, None) for group in fixed),
    ]


def _cause(group: IssueGroup, suggested: Suggested | None) -> CauseGroup:
    is_warning = group.severity == "warn"
    fixes: tuple[str, ...] = ()
    if is_warning and group.field is not None:
        fixes = (Action.SET,) if group.code in _EMPTY else _fixes(group.code, suggested)
    return CauseGroup(
        group.code,
        group.field,
        "warn" if is_warning else "fixed",
        group.rows,
        group.edited,
        group.message,
        tuple(Sample(row, value) for row, value in group.samples),
        suggested,
        fixes,
    )


def _suggested(room: UploadsRoom, manifest: Manifest, group: IssueGroup) -> Suggested | None:
    kind = kind_of(group.field, group.code)
    if group.field is None or kind == "text":
        return None
    corrections = Corrections(kind)
    for value in warned_values(room.tables, manifest, group, MAX_LOOKED_AT):
        corrections.look_at(value)
    return corrections.found(group.rows - group.edited)
