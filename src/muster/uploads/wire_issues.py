"""The public JSON names of issues, of fixes of rejects, and of links (API.md, section 4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.uploads.fix import Fixed, FixSample
from muster.uploads.issue_model import CauseGroup, UploadIssues
from muster.uploads.share import Link

Fix = Literal["trim", "lower", "upper", "replace", "set", "clear", "suggest", "drop"]


class SampleJson(TypedDict):
    row: int
    value: str | None


class SuggestionJson(TypedDict):
    action: Literal["suggest"]
    rows: int
    rows_exact: bool
    before: str
    after: str


class IssueGroupJson(TypedDict):
    code: str
    field: str | None
    severity: Literal["reject", "warn", "fixed"]
    rows: int
    rows_edited: int
    message: str
    samples: list[SampleJson]
    suggestion: SuggestionJson | None
    fixes: list[Fix]


class IssuesJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    version: int | None
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    rows_discarded: int
    rows_warned: int
    rows_fixed: int
    exact: bool
    groups: list[IssueGroupJson]


class FixSampleJson(TypedDict):
    row: int
    before: dict[str, str | None]
    after: dict[str, str | None]
    code: NotRequired[str]
    field: NotRequired[str | None]
    message: NotRequired[str]


class FixedJson(TypedDict):
    status: Literal["success"]
    message: str
    upload_id: str
    upload_status: str
    version: int
    dry_run: bool
    matched: int
    accepted: int
    failed: int
    discarded: int
    remaining: int
    next_after_row: int | None
    exact: bool
    samples: list[FixSampleJson]
    rows_received: int
    rows_accepted: int
    rows_rejected: int


class LinkJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    session_token: str
    expires_at: str
    path: str


class LinksJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    links: int
    expires_at: list[str]


class RevokedJson(TypedDict):
    status: Literal["success"]
    message: str
    revoked: int


def issues_json(issues: UploadIssues) -> bytes:
    """The groups of an upload; counts are always exact."""
    shown: IssuesJson = {
        "status": "success",
        "upload_id": issues.upload.id,
        "version": issues.version,
        "rows_received": issues.upload.rows_received,
        "rows_accepted": issues.upload.rows_accepted,
        "rows_rejected": issues.rows_rejected,
        "rows_discarded": issues.rows_discarded,
        "rows_warned": issues.rows_warned,
        "rows_fixed": issues.rows_fixed,
        "exact": True,
        "groups": [_group_json(group) for group in issues.groups],
    }
    return msgspec.json.encode(shown)


def _group_json(group: CauseGroup) -> Any:
    suggested = group.suggested
    return {
        "code": group.code,
        "field": group.field,
        "severity": group.severity,
        "rows": group.rows,
        "rows_edited": group.edited,
        "message": group.message,
        "samples": [{"row": sample.row, "value": sample.value} for sample in group.samples],
        "suggestion": None
        if suggested is None
        else {
            "action": "suggest",
            "rows": suggested.rows,
            "rows_exact": suggested.is_exact,
            "before": suggested.before,
            "after": suggested.after,
        },
        "fixes": list(group.fixes),
    }


def fixed_json(fixed: Fixed, *, dry_run: bool) -> bytes:
    """What became, or would become, of rejects that were fixed all alike."""
    upload = fixed.upload
    shown: FixedJson = {
        "status": "success",
        "message": _message(fixed, dry_run=dry_run),
        "upload_id": upload.id,
        "upload_status": upload.status.value,
        "version": fixed.version,
        "dry_run": dry_run,
        "matched": fixed.matched,
        "accepted": fixed.accepted,
        "failed": fixed.failed,
        "discarded": fixed.discarded,
        "remaining": fixed.remaining,
        "next_after_row": fixed.next_after_row,
        "exact": fixed.is_exact,
        "samples": [_sample_json(sample) for sample in fixed.samples],
        "rows_received": upload.rows_received,
        "rows_accepted": upload.rows_accepted,
        "rows_rejected": upload.rows_rejected,
    }
    return msgspec.json.encode(shown)


def _message(fixed: Fixed, *, dry_run: bool) -> str:
    rows = "row" if fixed.accepted + fixed.discarded == 1 else "rows"
    if fixed.discarded:
        is_one = fixed.discarded == 1
        text = f"{fixed.discarded} {rows} {'would be' if dry_run else 'was' if is_one else 'were'} discarded"
    else:
        text = f"{fixed.accepted} {rows} {'would join' if dry_run else 'joined'} the table"
    if fixed.failed:
        stay = "would stay" if dry_run else "stays" if fixed.failed == 1 else "stay"
        text += f"; {fixed.failed} {stay} among the rejects"
    if fixed.remaining:
        text += f"; {fixed.remaining} remain, repeat with `after_row`"
    return text


def _sample_json(sample: FixSample) -> FixSampleJson:
    shown: FixSampleJson = {
        "row": sample.row,
        "before": dict(sample.before),
        "after": dict(sample.after),
    }
    if sample.code is not None:
        shown |= {"code": sample.code, "field": sample.field, "message": sample.reason or ""}
    return shown


def link_json(upload_id: str, link: Link) -> LinkJson:
    return {
        "status": "success",
        "upload_id": upload_id,
        "session_token": link.token,
        "expires_at": rfc3339(link.expires_at),
        "path": f"/open#{link.token}",
    }


def links_json(upload_id: str, expire_at: Sequence[datetime]) -> LinksJson:
    return {
        "status": "success",
        "upload_id": upload_id,
        "links": len(expire_at),
        "expires_at": [rfc3339(moment) for moment in expire_at],
    }
