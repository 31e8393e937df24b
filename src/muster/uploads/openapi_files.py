"""What the OpenAPI page says about the routes of files and of work in progress."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses

_BYTES: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_ONE: Final = (400, 401, 403, 404, 409, 429, 503)
_TUS: Final = (*_ONE, 410, 412)


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }


_SPEAKS: Final = _header("Tus-Resumable", "`1.0.0`", required=True)

CREATE: Final[dict[str, Any]] = {
    "summary": "Upload a file",
    "description": "The raw body, or the first file of a form, is streamed to storage whatever its size. CSV, TSV, "
    "NDJSON, a JSON array, XLSX or Parquet, each also as .gz, .zst or a .zip of one file. Answers when the bytes are "
    "durable; what is in them is found out by a job. For slow or broken connections use tus.",
    "operation_id": "uploadFile",
    "responses": error_responses(400, 401, 403, 409, 413, 415, 429, 503, 507),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": _BYTES,
                "text/csv": _BYTES,
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "upload_name": {"type": "string", "minLength": 1, "maxLength": 100},
                            "auto": {"type": "string", "enum": ["true", "false"]},
                            "file": {"type": "string", "format": "binary"},
                        },
                    }
                },
            },
        },
        "parameters": [IDEMPOTENCY_KEY],
    },
}
TUS_OPTIONS: Final[dict[str, Any]] = {
    "summary": "What this server speaks of tus",
    "operation_id": "tusOptions",
    "responses": error_responses(401, 403, 429, 503),
}
TUS_CREATE: Final[dict[str, Any]] = {
    "summary": "Begin a resumable upload",
    "description": "tus 1.0.0, creation. `Location` is where to send the bytes. `Upload-Metadata` may hold `filename`, "
    "`filetype`, `upload_name` and `auto`; the first bytes may come along.",
    "operation_id": "tusCreate",
    "responses": error_responses(400, 401, 403, 412, 413, 415, 423, 429, 460, 503, 507),
    "openapi_extra": {
        "parameters": [
            _SPEAKS,
            _header("Upload-Length", "Bytes of the whole file."),
            _header("Upload-Defer-Length", "`1`: the length comes later."),
            _header("Upload-Metadata", "Pairs of key and base64 value, separated by commas."),
        ]
    },
}
TUS_HEAD: Final[dict[str, Any]] = {
    "summary": "Where a resumable upload stands",
    "description": "Clients ask with HEAD and read `Upload-Offset`; GET has the same numbers as JSON.",
    "operation_id": "tusHead",
    "responses": error_responses(*_TUS),
    "openapi_extra": {"parameters": [_SPEAKS]},
}
TUS_APPEND: Final[dict[str, Any]] = {
    "summary": "Send more of a resumable upload",
    "description": "Bytes from `Upload-Offset` on. What arrives is kept even if the connection breaks. 423: another "
    "request is sending at the moment; 460: the checksum does not fit; 410: given up, it took too long.",
    "operation_id": "tusAppend",
    "responses": error_responses(*_TUS, 413, 415, 423, 460, 507),
    "openapi_extra": {
        "parameters": [
            _SPEAKS,
            _header("Upload-Offset", "Where these bytes belong.", required=True),
            _header("Upload-Checksum", "`sha1`, `sha256` or `md5` and the digest in base64."),
            _header("Upload-Length", "Bytes of the whole file, if not told before."),
        ],
        "requestBody": {"required": True, "content": {"application/offset+octet-stream": _BYTES}},
    },
}
TUS_TERMINATE: Final[dict[str, Any]] = {
    "summary": "Give up a resumable upload",
    "description": "Deletes the upload with all its bytes, also when it is complete.",
    "operation_id": "tusTerminate",
    "responses": error_responses(*_TUS),
    "openapi_extra": {"parameters": [_SPEAKS]},
}
EVENTS: Final[dict[str, Any]] = {
    "summary": "Follow the work on an upload",
    "description": "Server-sent events `progress`, `state` and `done`; `Last-Event-ID` replays what was missed. An "
    "upload's session token opens this route too.",
    "operation_id": "followUpload",
    "responses": {
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **error_responses(*_ONE),
    },
}
CANCEL: Final[dict[str, Any]] = {
    "summary": "Cancel the work on an upload",
    "description": "A running job stops within two seconds and the upload becomes `cancelled`; its bytes stay.",
    "operation_id": "cancelUpload",
    "responses": error_responses(*_ONE),
}
PAUSE: Final[dict[str, Any]] = {
    "summary": "Pause the work on an upload",
    "operation_id": "pauseUpload",
    "responses": error_responses(*_ONE),
}
RESUME: Final[dict[str, Any]] = {
    "summary": "Go on with paused work",
    "operation_id": "resumeUpload",
    "responses": error_responses(*_ONE),
}
REPROCESS: Final[dict[str, Any]] = {
    "summary": "Make the table of an upload again",
    "description": "From the same bytes, as the mapping and the rules are now. Possible when no job works on it.",
    "operation_id": "reprocessUpload",
    "responses": error_responses(*_ONE),
}
