"""What the OpenAPI page says about previews and mappings."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses

_NAMES: Final[dict[str, Any]] = {
    "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}
MAPPING: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "columns": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["from"],
                "properties": {
                    "from": {**_NAMES, "description": "Columns of the file; several are joined."},
                    "to": {**_NAMES, "description": "Columns of the table; several: split; none: dropped."},
                    "separator": {"type": "string", "maxLength": 20, "default": " "},
                },
            },
        },
        "keep_others": {"type": "boolean", "default": True},
    },
}
_LAYOUT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Only what is to be overruled.",
    "properties": {
        "format": {"type": "string", "enum": ["csv", "ndjson", "json", "xlsx", "parquet"]},
        "compression": {"type": "string", "enum": ["none", "gzip", "zstd", "zip"]},
        "encoding": {"type": "string"},
        "delimiter": {"type": "string", "minLength": 1, "maxLength": 4},
        "quote": {"type": "string", "maxLength": 1},
        "escape": {"type": "string", "maxLength": 1},
        "header_row": {"type": ["integer", "null"], "minimum": 0, "maximum": 1000},
        "decimal_comma": {"type": "boolean"},
        "sheet": {"type": ["string", "null"]},
        "columns": {"type": "array", "items": {"type": "string"}},
    },
}
PREVIEW: Final[dict[str, Any]] = {
    "summary": "Look at an uploaded file",
    "description": "How it seems to be laid out, each with a confidence and a reason, its first 50 rows, and which field "
    "each column probably is. Query parameters overrule the layout to see at once how the file reads then; nothing is "
    "stored. `problem` says why when it cannot be read. An upload's session token opens this route too.",
    "operation_id": "previewUpload",
    "responses": error_responses(400, 401, 403, 404, 409, 429, 503),
}
DECIDE: Final[dict[str, Any]] = {
    "summary": "Decide how a file is read, and start",
    "description": "Overrules the layout where it says so, names the columns, and queues the job that makes the table; "
    "an upload that has one is read again. What you decide is remembered for files with the same headers, and under a "
    "name as `template`. `?auto=true` takes the guesses as they are and needs no body.",
    "operation_id": "decideMapping",
    "responses": error_responses(400, 401, 403, 404, 409, 413, 415, 429, 503),
    "openapi_extra": {
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "layout": _LAYOUT,
                            "mapping": MAPPING,
                            "template": {"type": ["string", "null"], "maxLength": 100},
                            "use_template": {"type": ["string", "null"], "maxLength": 100},
                        },
                    },
                    "example": {
                        "layout": {"encoding": "windows-1252"},
                        "mapping": {"columns": [{"from": "Mail", "to": "email"}], "keep_others": True},
                        "template": "CRM export",
                    },
                }
            },
        },
    },
}
LIST: Final[dict[str, Any]] = {
    "summary": "List mappings",
    "description": "Named templates, and what was decided last for files with some headers (`name` is null). Newest first.",
    "operation_id": "listMappings",
    "responses": error_responses(400, 401, 403, 429, 503),
}
RENAME: Final[dict[str, Any]] = {
    "summary": "Rename a template",
    "description": "A mapping that was only remembered becomes a template by it.",
    "operation_id": "renameMapping",
    "responses": error_responses(400, 401, 403, 404, 409, 413, 415, 429, 503),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 100}},
                    },
                    "example": {"name": "CRM export"},
                }
            },
        }
    },
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete a mapping",
    "description": "Tables that were made with it stay as they are.",
    "operation_id": "deleteMapping",
    "responses": error_responses(401, 403, 404, 429, 503),
}
