"""The Python client of Muster; needs no other part of it.

    from muster.client import Client

    with Client("http://localhost:3000", api_key="muster_...") as muster:
        report = muster.upload([{"email": "ada@example.org"}], name="First list")
        print(report.rows_accepted, report.upload_ids)

`muster.client.fake` has a server for tests that needs no server.
"""

from ._client import Client
from ._errors import (
    Conflict,
    Forbidden,
    InvalidRecords,
    InvalidRequest,
    MusterApiError,
    NotFound,
    NotSignedIn,
    RateLimited,
    ServerError,
    TooLarge,
    Unreachable,
)
from ._model import (
    BatchLimits,
    DeleteOutcome,
    Part,
    Progress,
    RejectedRecord,
    RowError,
    Upload,
    UploadPage,
    UploadReport,
    UploadWithRecords,
    ValidationReport,
)

__all__ = [
    "BatchLimits",
    "Client",
    "Conflict",
    "DeleteOutcome",
    "Forbidden",
    "InvalidRecords",
    "InvalidRequest",
    "MusterApiError",
    "NotFound",
    "NotSignedIn",
    "Part",
    "Progress",
    "RateLimited",
    "RejectedRecord",
    "RowError",
    "ServerError",
    "TooLarge",
    "Unreachable",
    "Upload",
    "UploadPage",
    "UploadReport",
    "UploadWithRecords",
    "ValidationReport",
]
