"""The public JSON names of files and of work in progress (API.md, sections 4 and 5)."""

from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.jobs.model import Job, JobState
from muster.uploads.file_model import UploadFile
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.read import UploadPage
from muster.uploads.receive_file import FileReceipt
from muster.uploads.wire import (
    ProgressJson,
    SingleUploadJson,
    UploadJson,
    UploadListJson,
    single_json,
    upload_json,
)


class FileReceiptJson(SingleUploadJson):
    session_token: str
    sha256: str
    message: str


class ResumableJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    received_bytes: int
    length_bytes: int | None


def receipt_json(receipt: FileReceipt) -> bytes:
    next_step = (
        "It is processed now; follow it under /events."
        if receipt.file.is_auto
        else "Look at its /preview and decide its /mapping to go on."
    )
    return msgspec.json.encode(
        {
            **single_json(receipt.upload),
            "session_token": receipt.upload_token,
            "sha256": receipt.file.sha256,
            "message": f"File uploaded. {next_step}",
        }
    )


def resumable_json(file: UploadFile) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": file.upload_id,
            "received_bytes": file.received_bytes,
            "length_bytes": file.length_bytes,
        }
    )


def progress_json(upload: Upload, job: Job | None, file: UploadFile | None) -> ProgressJson | None:
    """How far the work on an upload is; None when it rests.

    Rates are taken between the start of the job and its last report, so that asking twice without news gives
    the same answer.
    """
    if upload.status is UploadStatus.RECEIVING and file is not None:
        return {
            "state": "receiving",
            "phase": "receiving",
            "done": file.received_bytes,
            "total": file.length_bytes,
            "unit": "bytes",
        }
    if job is None or job.state.is_final:
        return None
    progress = job.progress
    rows = progress.rows_accepted + progress.rows_rejected
    seconds = 0.0 if job.started_at is None else (job.updated_at - job.started_at).total_seconds()
    is_moving = job.state is JobState.RUNNING and seconds > 0
    left = None if progress.total is None else max(progress.total - progress.done, 0)
    return {
        "state": job.state.value,
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "rows_accepted": progress.rows_accepted,
        "rows_rejected": progress.rows_rejected,
        "rows_per_second": round(rows / seconds, 1) if is_moving else None,
        "seconds_left": (
            round(left * seconds / progress.done, 1)
            if is_moving and progress.done and left is not None
            else None
        ),
    }


def list_json(page: UploadPage) -> bytes:
    """A page of uploads, each that is in work with how far it is."""
    shown: UploadListJson = {
        "status": "success",
        "uploads": [_listed(upload, page) for upload in page.uploads],
        "next_cursor": page.next_cursor.encode() if page.next_cursor else None,
        "total": page.total,
    }
    return msgspec.json.encode(shown)


def _listed(upload: Upload, page: UploadPage) -> UploadJson:
    shown = upload_json(upload)
    progress = progress_json(upload, *page.work.get(upload.id, (None, None)))
    if progress is not None:
        shown["progress"] = progress
    return shown


def with_progress(members: dict[str, Any], progress: ProgressJson | None) -> dict[str, Any]:
    """`members` of one upload, and how far it is if it is being worked on."""
    return members if progress is None else {**members, "progress": progress}
