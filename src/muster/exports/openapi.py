"""What the OpenAPI page says about each route of exports: words, bodies and examples."""

from typing import Any, Final

import msgspec

from muster.exports.requests import (
    ConnectionBody,
    ConnectionChange,
    DismissBody,
    ExportBody,
    RetryBody,
    ScheduleBody,
    ScheduleChange,
    SuppressionsBody,
)
from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)


def _schema(shape: type) -> dict[str, Any]:
    """A body's schema with everything it refers to inside it."""
    (found,), parts = msgspec.json.schema_components([shape])
    made: dict[str, Any] = _inlined(found, parts)
    return made


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(each, parts) for name, each in schema.items() if name != "title"}


_EXPORT: Final = _schema(ExportBody)
_EXAMPLE: Final[dict[str, Any]] = {
    "segment_id": "seg_0123456789abcdefghijkl",
    "columns": ["business_email", {"column": "first_name", "as": "First name"}],
    "format": "csv",
    "consent": {"column": "newsletter", "values": ["yes"]},
}
_DOWNLOADS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The whole file.", "content": {"application/octet-stream": {}}},
    206: {"description": "The bytes that were asked for.", "content": {"application/octet-stream": {}}},
    304: {"description": "The file is the one named in `If-None-Match`."},
    416: {"description": "The file has no such bytes."},
}
_RANGE: Final[list[dict[str, Any]]] = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "description": words,
        "schema": {"type": "string"},
    }
    for name, words in (
        ("Range", "`bytes=1000-`: the rest of a download that broke off."),
        ("If-Range", "The `ETag` the first bytes came with; with another one the whole file is sent."),
    )
]

DESTINATIONS: Final[dict[str, Any]] = {
    "summary": "List destinations",
    "description": "Where exports can go, and the JSON Schema of what each needs.",
    "operation_id": "listExportDestinations",
    "responses": error_responses(*_ALWAYS),
}
PREVIEW: Final[dict[str, Any]] = {
    "summary": "See the first rows as they would leave",
    "operation_id": "previewExport",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": {**json_body(_EXPORT, _EXAMPLE), "parameters": [IDEMPOTENCY_KEY]},
}
LIST: Final[dict[str, Any]] = {
    "summary": "List exports",
    "operation_id": "listExports",
    "responses": error_responses(400, *_ALWAYS),
}
CREATE: Final[dict[str, Any]] = {
    "summary": "Export a segment or an upload",
    "description": "The set is frozen and a job works on it. With `dry_run` nothing is stored, and the answer (200) is "
    "the definition with its guesses.",
    "operation_id": "createExport",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {**json_body(_EXPORT, _EXAMPLE), "parameters": [IDEMPOTENCY_KEY]},
}
GET: Final[dict[str, Any]] = {
    "summary": "Get an export",
    "operation_id": "getExport",
    "responses": {
        304: {"description": "Nothing changed since the `ETag` in `If-None-Match`."},
        **error_responses(404, *_ALWAYS),
    },
}
EVENTS: Final[dict[str, Any]] = {
    "summary": "Follow an export",
    "description": "Server-sent events `progress`, `state` and `done`; `Last-Event-ID` replays what was missed.",
    "operation_id": "followExport",
    "responses": {
        200: {"description": "The stream.", "content": {"text/event-stream": {}}},
        204: {"description": "It is over and everything was read."},
        **error_responses(404, *_ALWAYS),
    },
}
DOWNLOAD: Final[dict[str, Any]] = {
    "summary": "Download the file of an export",
    "description": "Streamed, and by `Range` from any byte on.",
    "operation_id": "downloadExport",
    "responses": {**_DOWNLOADS, **error_responses(404, 409, *_ALWAYS)},
    "openapi_extra": {"parameters": _RANGE},
}
OUTCOMES: Final[dict[str, Any]] = {
    "summary": "List what became of single rows",
    "description": "Rows that failed, were left out, or left without a cell that could not be hashed. As CSV or NDJSON all of "
    "them, streamed.",
    "operation_id": "listExportOutcomes",
    "responses": error_responses(400, 404, 406, *_ALWAYS),
}
CANCEL: Final[dict[str, Any]] = {
    "summary": "Cancel an export",
    "operation_id": "cancelExport",
    "responses": error_responses(404, 409, *_ALWAYS),
}
RETRY: Final[dict[str, Any]] = {
    "summary": "Try an export's failures again",
    "description": "A new export over the rows that failed or were never reached, with the values they have now.",
    "operation_id": "retryExport",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(_schema(RetryBody), {"codes": ["http_422"]}),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
DISMISS: Final[dict[str, Any]] = {
    "summary": "Leave failed rows alone",
    "description": "As long as they stay as they are, they are not sent there again.",
    "operation_id": "dismissExportRows",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": json_body(_schema(DismissBody), {"codes": ["sql_22001"]}),
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete an export",
    "description": "With its file and outcomes; a running one is cancelled.",
    "operation_id": "deleteExport",
    "responses": error_responses(404, *_ALWAYS, 507),
}

LIST_CONNECTIONS: Final[dict[str, Any]] = {
    "summary": "List connections",
    "operation_id": "listExportConnections",
    "responses": error_responses(*_ALWAYS),
}
CREATE_CONNECTION: Final[dict[str, Any]] = {
    "summary": "Keep settings of a destination",
    "description": "Secrets are stored sealed and never given back.",
    "operation_id": "createExportConnection",
    "status_code": 201,
    "responses": error_responses(*_BODY, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(
            _schema(ConnectionBody),
            {"destination": "http", "name": "CRM", "settings": {"url": "https://crm.example.com/audience"}},
        ),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
GET_CONNECTION: Final[dict[str, Any]] = {
    "summary": "Get a connection",
    "operation_id": "getExportConnection",
    "responses": error_responses(404, *_ALWAYS),
}
CHANGE_CONNECTION: Final[dict[str, Any]] = {
    "summary": "Change a connection",
    "description": "Given `settings` replace all of them, but secrets that are null stay.",
    "operation_id": "changeExportConnection",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": json_body(_schema(ConnectionChange), {"name": "CRM, Europe"}),
}
DELETE_CONNECTION: Final[dict[str, Any]] = {
    "summary": "Delete a connection",
    "operation_id": "deleteExportConnection",
    "responses": error_responses(404, 409, *_ALWAYS, 507),
}
TRY_CONNECTION: Final[dict[str, Any]] = {
    "summary": "Ask a destination whether it would take anything",
    "description": "No rows are sent. `settings` are those of an export, where the destination needs any.",
    "operation_id": "tryExportConnection",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": {
        **json_body({"type": "object", "properties": {"settings": {"type": "object"}}}, {}),
        "parameters": [IDEMPOTENCY_KEY],
    },
}

LIST_SCHEDULES: Final[dict[str, Any]] = {
    "summary": "List schedules",
    "operation_id": "listExportSchedules",
    "responses": error_responses(400, *_ALWAYS),
}
CREATE_SCHEDULE: Final[dict[str, Any]] = {
    "summary": "Export again and again",
    "operation_id": "createExportSchedule",
    "status_code": 201,
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(_schema(ScheduleBody), {"every_minutes": 1440, "export": {**_EXAMPLE, "since": "last"}}),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
GET_SCHEDULE: Final[dict[str, Any]] = {
    "summary": "Get a schedule",
    "operation_id": "getExportSchedule",
    "responses": error_responses(404, *_ALWAYS),
}
CHANGE_SCHEDULE: Final[dict[str, Any]] = {
    "summary": "Change a schedule",
    "operation_id": "changeExportSchedule",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": json_body(_schema(ScheduleChange), {"enabled": False}),
}
DELETE_SCHEDULE: Final[dict[str, Any]] = {
    "summary": "Delete a schedule",
    "description": "Its exports stay.",
    "operation_id": "deleteExportSchedule",
    "responses": error_responses(404, *_ALWAYS, 507),
}
RUN_SCHEDULE: Final[dict[str, Any]] = {
    "summary": "Run a schedule now",
    "operation_id": "runExportSchedule",
    "responses": error_responses(400, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {"parameters": [IDEMPOTENCY_KEY]},
}

_VALUES: Final = _schema(SuppressionsBody)
_VALUES_EXAMPLE: Final = {"values": ["ada@example.com", "example.org"], "reason": "asked not to be contacted"}
LIST_SUPPRESSIONS: Final[dict[str, Any]] = {
    "summary": "List suppressions",
    "description": "Newest first. What an entry is about cannot be read back.",
    "operation_id": "listSuppressions",
    "responses": error_responses(400, *_ALWAYS),
}
SUPPRESS: Final[dict[str, Any]] = {
    "summary": "Suppress people",
    "description": "No export lets them out from now on. What is on the list already stays.",
    "operation_id": "addSuppressions",
    "status_code": 201,
    "responses": error_responses(*_BODY, 409, *_ALWAYS, 507),
    "openapi_extra": {**json_body(_VALUES, _VALUES_EXAMPLE), "parameters": [IDEMPOTENCY_KEY]},
}
CHECK: Final[dict[str, Any]] = {
    "summary": "Check whether people are suppressed",
    "operation_id": "checkSuppressions",
    "responses": error_responses(*_BODY, *_ALWAYS),
    "openapi_extra": {
        **json_body(_VALUES, {"values": ["ada@example.com"]}),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
UNSUPPRESS: Final[dict[str, Any]] = {
    "summary": "Take people off the list",
    "operation_id": "removeSuppressions",
    "responses": error_responses(*_BODY, *_ALWAYS, 507),
    "openapi_extra": json_body(_VALUES, {"values": ["ada@example.com"]}),
}
REMOVE: Final[dict[str, Any]] = {
    "summary": "Remove an entry of the list",
    "operation_id": "removeSuppression",
    "responses": error_responses(404, *_ALWAYS, 507),
}
