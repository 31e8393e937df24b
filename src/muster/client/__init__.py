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
    StillWorking,
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
from ._rules_model import Finding, FindingCount, Rule, Tried, TriedUpload
from ._table_model import (
    Bin,
    Change,
    Column,
    ColumnProfile,
    Edited,
    Profile,
    Retried,
    RetryOutcome,
    Row,
    RowIssue,
    Rows,
    TopValue,
)
from ._work_model import ColumnGuess, Event, Guess, Preview, Problem, SendingProgress, WorkProgress

__all__ = [
    "BatchLimits",
    "Bin",
    "Change",
    "Client",
    "Column",
    "ColumnGuess",
    "ColumnProfile",
    "Conflict",
    "DeleteOutcome",
    "Edited",
    "Event",
    "Finding",
    "FindingCount",
    "Forbidden",
    "Guess",
    "InvalidRecords",
    "InvalidRequest",
    "MusterApiError",
    "NotFound",
    "NotSignedIn",
    "Part",
    "Preview",
    "Problem",
    "Profile",
    "Progress",
    "RateLimited",
    "RejectedRecord",
    "Retried",
    "RetryOutcome",
    "Row",
    "RowError",
    "RowIssue",
    "Rows",
    "Rule",
    "SendingProgress",
    "ServerError",
    "StillWorking",
    "TooLarge",
    "TopValue",
    "Tried",
    "TriedUpload",
    "Unreachable",
    "Upload",
    "UploadPage",
    "UploadReport",
    "UploadWithRecords",
    "ValidationReport",
    "WorkProgress",
]
