"""What the OpenAPI page says about each route of uploads: words, bodies and examples."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_RECORDS_SCHEMA: Final[dict[str, Any]] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "additionalProperties": True,
        "properties": {
            "business_email": {"type": ["string", "null"]},
            "personal_email": {"type": ["string", "null"]},
            "email": {"type": ["string", "null"]},
            "domain": {"type": ["string", "null"]},
            "company_domain": {"type": ["string", "null"]},
        },
        "description": "Needs at least one of the five identifiers as non-blank text.",
    },
}
_BATCH_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["upload_name", "records"],
    "properties": {
        "upload_name": {"type": "string", "minLength": 1, "maxLength": 100},
        "records": _RECORDS_SCHEMA,
        "fields": {"type": ["array", "null"], "items": {"type": "string"}},
        "on_invalid": {"type": "string", "enum": ["reject", "skip"], "default": "reject"},
    },
}
_BATCH_EXAMPLE: Final[dict[str, Any]] = {
    "upload_name": "Spring leads",
    "records": [
        {"business_email": "ana@example.com", "first_name": "Ana"},
        {"domain": "example.org", "company": "Example Org"},
    ],
}
_NDJSON_EXAMPLE: Final = '{"email": "ana@example.com"}\n{"domain": "example.org"}\n'
_BATCH_BODY: Final = {
    "required": True,
    "content": {
        "application/json": {"schema": _BATCH_SCHEMA, "example": _BATCH_EXAMPLE},
        "application/x-ndjson": {"schema": {"type": "string"}, "example": _NDJSON_EXAMPLE},
    },
}
_TEXT_ANSWERS: Final[dict[str, Any]] = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "text/csv": {"schema": {"type": "string"}},
}
_ONE: Final = (400, 401, 403, 404, 429, 503)

CREATE: Final[dict[str, Any]] = {
    "summary": "Upload a batch of records",
    "description": "Checks every record, stores the batch durably, then answers. A bare JSON array or NDJSON works "
    "too, with the name in `?upload_name=`. Bodies may be compressed with gzip, deflate, br or zstd.",
    "operation_id": "createBatchUpload",
    "responses": error_responses(400, 401, 403, 409, 413, 415, 429, 503, 507),
    "openapi_extra": {"requestBody": _BATCH_BODY, "parameters": [IDEMPOTENCY_KEY]},
}
VALIDATE: Final[dict[str, Any]] = {
    "summary": "Check a batch without storing it",
    "description": "Takes the same body as a batch upload and reports every record that could not be used.",
    "operation_id": "validateBatch",
    "responses": error_responses(400, 401, 403, 409, 413, 415, 429, 503),
    "openapi_extra": {"requestBody": _BATCH_BODY},
}
LIST: Final[dict[str, Any]] = {
    "summary": "List uploads",
    "description": "Newest first unless `sort` says otherwise; give `next_cursor` back as `cursor` for the next page. "
    "Uploads in work carry `progress`. With an `ETag`, so asking again costs nothing while nothing changed.",
    "operation_id": "listBatchUploads",
    "responses": error_responses(400, 401, 403, 406, 429, 503),
}
GET: Final[dict[str, Any]] = {
    "summary": "Get an upload and its records",
    "description": "Records come back exactly as sent. With `offset` or `limit` only that window comes, and "
    "`total`. An upload's session token opens this route too.",
    "operation_id": "getBatchUpload",
    "responses": {200: {"content": _TEXT_ANSWERS}, **error_responses(*_ONE, 406)},
}
REJECTS: Final[dict[str, Any]] = {
    "summary": "Get the rejected records of an upload",
    "description": "Each with `_row`, `_code` and `_reason` before its own members, in input order. With `code` or "
    "`field` only those, and `total` counts only those.",
    "operation_id": "getBatchUploadRejects",
    "responses": {200: {"content": _TEXT_ANSWERS}, **error_responses(*_ONE, 406)},
}
RETRY: Final[dict[str, Any]] = {
    "summary": "Send corrected rejects back",
    "description": "Each row with the `_row` it was listed with. Only these rows are checked again, by today's "
    "rules; those that pass join the table, the others stay rejects. The CSV or NDJSON of the rejects, "
    "corrected, is taken as it is.",
    "operation_id": "retryBatchUploadRejects",
    "responses": error_responses(*_ONE, 413, 415),
    "openapi_extra": {
        "parameters": [IDEMPOTENCY_KEY],
        **json_body(
            {
                "type": "object",
                "required": ["rows"],
                "properties": {
                    "rows": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["_row"],
                            "properties": {"_row": {"type": "integer", "minimum": 0}},
                        },
                    }
                },
            },
            {"rows": [{"_row": 7, "email": "ada@example.org"}]},
        ),
    },
}
RENAME: Final[dict[str, Any]] = {
    "summary": "Rename an upload",
    "operation_id": "renameBatchUpload",
    "responses": error_responses(*_ONE, 413, 415),
    "openapi_extra": json_body(
        {
            "type": "object",
            "required": ["upload_name"],
            "properties": {"upload_name": {"type": "string", "minLength": 1, "maxLength": 100}},
        },
        {"upload_name": "Spring leads, checked"},
    ),
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete an upload",
    "description": "Gone from every read when this answers. A second delete is a 404. Refused with 409 "
    "`upload_in_use` while segments or exports are made from it, unless `cascade` is true.",
    "operation_id": "deleteBatchUpload",
    "responses": error_responses(*_ONE, 409),
}
BULK: Final[dict[str, Any]] = {
    "summary": "Delete, cancel or reprocess several uploads",
    "description": "By ids or by a filter; each on its own, with a result for each.",
    "operation_id": "bulkBatchUploads",
    "responses": error_responses(400, 401, 403, 409, 413, 415, 429, 503),
    "openapi_extra": {
        "parameters": [IDEMPOTENCY_KEY],
        **json_body(
            {
                "type": "object",
                "required": ["operation"],
                "properties": {
                    "operation": {"type": "string", "enum": ["delete", "cancel", "reprocess"]},
                    "upload_ids": {"type": "array", "items": {"type": "string"}, "maxItems": 1000},
                    "cascade": {
                        "type": "boolean",
                        "default": False,
                        "description": "With `delete`: also the segments and exports made from the uploads.",
                    },
                    "filter": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "name": {"type": "string"},
                            "status": {"type": "string"},
                            "source": {"type": "string"},
                            "created_after": {"type": "string", "format": "date-time"},
                            "created_before": {"type": "string", "format": "date-time"},
                            "has_errors": {"type": "boolean"},
                        },
                    },
                },
            },
            {"operation": "delete", "upload_ids": ["upl_1737000000_0123456789abcdefghijkl"]},
        ),
    },
}
