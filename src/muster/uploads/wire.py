"""The public JSON names of uploads (API.md, sections 3 and 4). Nothing else spells them."""

from collections.abc import Sequence
from typing import Any, Final, Literal, NotRequired

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.errors import Issue
from muster.records.parse import ParsedBatch
from muster.uploads.bulk import Operation, Outcome
from muster.uploads.model import Receipt, Upload
from muster.uploads.retry import Retried, RetryOutcome
from muster.web.errors import status_of


class IssueJson(TypedDict):
    row: int | None
    field: str | None
    pointer: str
    code: str
    message: str


class ReceiptJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    session_token: str
    rows_received: int
    message: str
    rows_accepted: int
    rows_rejected: int
    errors: list[IssueJson]
    errors_total: int


class ProgressJson(TypedDict):
    state: str
    phase: str
    done: int
    total: int | None
    unit: str
    rows_accepted: NotRequired[int]
    rows_rejected: NotRequired[int]
    rows_per_second: NotRequired[float | None]
    seconds_left: NotRequired[float | None]


class UploadJson(TypedDict):
    upload_id: str
    upload_name: str
    created_at: str
    rows_received: int
    status: str
    status_reason: NotRequired[str | None]
    rows_accepted: int
    rows_rejected: int
    source: str
    fields: list[str]
    size_bytes: int
    progress: NotRequired[ProgressJson]


class UploadListJson(TypedDict):
    status: Literal["success"]
    uploads: list[UploadJson]
    next_cursor: str | None
    total: int


class SingleUploadJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    upload_name: str
    fields: list[str]
    created_at: str
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    upload_status: str
    source: str
    size_bytes: int
    status_reason: NotRequired[str | None]
    offset: NotRequired[int]
    limit: NotRequired[int]
    total: NotRequired[int]
    progress: NotRequired[ProgressJson]
    records: NotRequired[list[dict[str, Any]]]


class DeletedJson(TypedDict):
    status: Literal["success"]
    message: str


class OutcomeJson(TypedDict):
    upload_id: str
    status: Literal["success", "error"]
    code: NotRequired[str]
    http_status: NotRequired[int]
    message: NotRequired[str]


class BulkJson(TypedDict):
    status: Literal["success"]
    message: str
    succeeded: int
    failed: int
    results: list[OutcomeJson]


class ReportJson(TypedDict):
    status: Literal["success"]
    message: str
    valid: bool
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    errors: list[IssueJson]
    errors_total: int


class RejectsJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    offset: int
    limit: int
    total: int
    rejects: list[dict[str, Any]]


class RetryOutcomeJson(TypedDict):
    row: int
    status: Literal["success", "error"]
    code: NotRequired[str]
    field: NotRequired[str | None]
    message: NotRequired[str]


class RetriedJson(TypedDict):
    status: Literal["success"]
    message: str
    upload_id: str
    upload_status: str
    version: int
    rows_received: int
    rows_accepted: int
    rows_rejected: int
    accepted: int
    failed: int
    results: list[RetryOutcomeJson]


encode = msgspec.json.encode


def receipt_json(receipt: Receipt) -> bytes:
    rejected = receipt.rows_received - receipt.rows_accepted
    message = "Batch upload successful"
    if rejected:
        message += f"; {rejected} records were kept aside, see `errors` and the upload's /rejects"
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": receipt.upload_id,
            "session_token": receipt.upload_token,
            "rows_received": receipt.rows_received,
            "message": message,
            "rows_accepted": receipt.rows_accepted,
            "rows_rejected": rejected,
            "errors": receipt.issues,
            "errors_total": receipt.issues_total,
        }
    )


def upload_json(upload: Upload) -> UploadJson:
    shown: UploadJson = {
        "upload_id": upload.id,
        "upload_name": upload.name,
        "created_at": rfc3339(upload.created_at),
        "rows_received": upload.rows_received,
        "status": upload.status.value,
        "rows_accepted": upload.rows_accepted,
        "rows_rejected": upload.rows_rejected,
        "source": upload.source.value,
        "fields": list(upload.fields or ()),
        "size_bytes": upload.size_bytes,
    }
    if upload.status_reason is not None:
        shown["status_reason"] = upload.status_reason
    return shown


def single_json(upload: Upload, **window: int) -> dict[str, Any]:
    """Everything about one upload but its records, which are streamed behind it."""
    listed = dict(upload_json(upload))
    return {
        "status": "success",
        "upload_id": listed.pop("upload_id"),
        "upload_name": listed.pop("upload_name"),
        "upload_status": listed.pop("status"),
        **listed,
        **window,
    }


def open_object(members: dict[str, Any], last_member: str) -> bytes:
    """The JSON of `members` with one more member begun: `{...,"last_member":`; close it with `}`."""
    return msgspec.json.encode(members)[:-1] + b',"' + last_member.encode() + b'":'


def reject_json(raw: msgspec.Raw) -> bytes:
    """One stored reject as shown: `_row`, `_line`, `_field`, `_code`, `_reason`, then the original members, byte for byte."""
    kept = _stored_reject.decode(raw)
    about: dict[str, Any] = {"_row": kept.row}
    if kept.line_number is not None:
        about["_line"] = kept.line_number
    if kept.field is not None:
        about["_field"] = kept.field
    head = msgspec.json.encode({**about, "_code": kept.code, "_reason": kept.reason})[:-1]
    record = bytes(kept.record)
    if record.startswith(b"{"):
        members = record[1:-1].strip()
        return b"".join((head, b"," if members else b"", members, b"}"))
    value = record or msgspec.json.encode(kept.line)
    return b"".join((head, b',"_value":', value, b"}"))


class _StoredReject(msgspec.Struct):
    row: int
    code: str
    reason: str
    line_number: int | None = None
    field: str | None = None
    record: msgspec.Raw = msgspec.Raw(b"")
    line: str = ""


_stored_reject = msgspec.json.Decoder(_StoredReject)


def report_json(batch: ParsedBatch) -> ReportJson:
    """The outcome of a check without storing."""
    rejected = len(batch.rejected)
    return {
        "status": "success",
        "message": f"{rejected} of {batch.rows_received} records cannot be used; nothing was stored."
        if rejected
        else f"All {batch.rows_received} records can be used; nothing was stored.",
        "valid": not rejected,
        "rows_received": batch.rows_received,
        "rows_accepted": batch.rows_accepted,
        "rows_rejected": rejected,
        "errors": [_issue_json(record.issue) for record in batch.rejected],
        "errors_total": rejected,
    }


def _issue_json(issue: Issue) -> IssueJson:
    return {
        "row": issue.row,
        "field": issue.field,
        "pointer": issue.pointer,
        "code": str(issue.code),
        "message": issue.message,
    }


_DONE: Final = {
    Operation.DELETE: "deleted",
    Operation.CANCEL: "cancelled",
    Operation.REPROCESS: "queued again",
}


def bulk_json(operation: Operation, outcomes: Sequence[Outcome]) -> BulkJson:
    failed = sum(outcome.refusal is not None for outcome in outcomes)
    return {
        "status": "success",
        "message": f"{len(outcomes) - failed} of {len(outcomes)} uploads {_DONE[operation]}",
        "succeeded": len(outcomes) - failed,
        "failed": failed,
        "results": [_outcome_json(outcome) for outcome in outcomes],
    }


def _outcome_json(outcome: Outcome) -> OutcomeJson:
    if outcome.refusal is None:
        return {"upload_id": outcome.upload_id, "status": "success"}
    return {
        "upload_id": outcome.upload_id,
        "status": "error",
        "code": outcome.refusal.error_code,
        "http_status": status_of(outcome.refusal),
        "message": outcome.refusal.message,
    }


def retried_json(retried: Retried) -> bytes:
    """What became of corrected rows."""
    failed = sum(outcome.code is not None for outcome in retried.outcomes)
    accepted = len(retried.outcomes) - failed
    upload = retried.upload
    message = f"{accepted} {'row' if accepted == 1 else 'rows'} joined the table"
    if failed:
        message += f"; {failed} did not, `results` says why"
    shown: RetriedJson = {
        "status": "success",
        "message": message,
        "upload_id": upload.id,
        "upload_status": upload.status.value,
        "version": retried.version,
        "rows_received": upload.rows_received,
        "rows_accepted": upload.rows_accepted,
        "rows_rejected": upload.rows_rejected,
        "accepted": accepted,
        "failed": failed,
        "results": [_retry_outcome_json(outcome) for outcome in retried.outcomes],
    }
    return msgspec.json.encode(shown)


def _retry_outcome_json(outcome: RetryOutcome) -> RetryOutcomeJson:
    if outcome.code is None:
        return {"row": outcome.row, "status": "success"}
    return {
        "row": outcome.row,
        "status": "error",
        "code": outcome.code,
        "field": outcome.field,
        "message": outcome.reason or "",
    }
