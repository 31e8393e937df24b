"""Which job works on an upload, and what an upload becomes by it."""

from datetime import datetime
from typing import Final

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.ids import UploadId
from muster.jobs.enqueue import enqueue
from muster.jobs.model import Job, Json
from muster.jobs.read import newest_job
from muster.uploads.store import UploadStore

BUILD: Final = "build_table"
"""Kind of the job that makes a table of an upload."""
ERASE: Final = "erase_upload"
"""Kind of the job that deletes the objects of an upload whose row is gone."""


def start_build(
    connection: Connection, principal: Principal, upload_id: UploadId, size_bytes: int, now: datetime
) -> str:
    """Queue the job that makes the table, in the transaction that makes the upload complete; returns its id.

    size_bytes: what the job has to read, the total of its progress.
    """
    payload: Json = {"size_bytes": size_bytes}
    if principal.key_id is not None:
        payload["key_id"] = principal.key_id  # whose quota the rows of a file count against
    job_id = enqueue(
        connection, BUILD, principal.user_id, upload_id, payload, now, unit="bytes", total=size_bytes
    )
    UploadStore(connection, principal).set_job(upload_id, job_id)
    return job_id


def working_job(connection: Connection, principal: Principal, upload_id: str) -> Job | None:
    """The job that works on the upload or is about to; None when it rests."""
    job = newest_job(connection, principal.user_id, upload_id)
    return None if job is None or job.state.is_final else job
