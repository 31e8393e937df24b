"""What the OpenAPI page says about each route of tables: words, bodies and examples."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_READ: Final = (400, 401, 403, 404, 409, 429, 503)
_WRITE: Final = (*_READ, 413, 415, 507)
_FILTER: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The filter tree, see docs/api/filters.md.",
    "additionalProperties": True,
}
_VALUES: Final[dict[str, Any]] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The window is the one named in `If-None-Match`."}
}

_ACTION: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["action"],
    "additionalProperties": False,
    "properties": {
        "action": {
            "type": "string",
            "enum": ["trim", "lower", "upper", "replace", "set", "clear", "suggest"],
        },
        "find": {"type": "string", "maxLength": 1000},
        "replace": {"type": "string", "maxLength": 1000, "default": ""},
        "regex": {"type": "boolean", "default": False, "description": "`find` is an RE2 expression."},
        "value": {"type": ["string", "number", "boolean", "null"]},
    },
}
ROWS: Final[dict[str, Any]] = {
    "summary": "Get a window of the table",
    "description": "Rows of the newest version, edits included, filtered and sorted. `values` are in the order of "
    "`columns`. An upload's session token opens this route too.",
    "operation_id": "listTableRows",
    "responses": {**error_responses(*_READ), **_NOT_MODIFIED},
}
QUERY: Final[dict[str, Any]] = {
    "summary": "Get a window of the table by a long filter",
    "description": "The same as `GET .../rows` with its parameters as members of the body. Changes nothing.",
    "operation_id": "queryTableRows",
    "responses": error_responses(*_READ, 413, 415),
    "openapi_extra": json_body(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "offset": {"type": "integer", "minimum": 0, "default": 0},
                "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
                "sort": {"type": ["string", "array", "null"]},
                "filter": {**_FILTER, "type": ["object", "null"]},
                "columns": {"type": ["array", "null"], "items": {"type": "string"}},
                "view": {"type": "string", "enum": ["all", "issues"], "default": "all"},
                "exact_total": {"type": "boolean", "default": False},
            },
        },
        {"limit": 100, "sort": "-employees", "filter": {"field": "country", "op": "eq", "value": "US"}},
    ),
}
PROFILE: Final[dict[str, Any]] = {
    "summary": "Get the profile of the table",
    "description": "What stands in each column, as counted when the table was made. `edited_since` tells whether "
    "cells were edited after that.",
    "operation_id": "getTableProfile",
    "responses": {**error_responses(*_READ), **_NOT_MODIFIED},
}
PROVENANCE: Final[dict[str, Any]] = {
    "summary": "Tell where the values of a row came from",
    "description": "The cells of a row that hold something else than what was sent: what an enrichment filled, with the "
    "provider and when, how sure and at what cost it answered; and what people edited.",
    "operation_id": "getTableRowProvenance",
    "responses": error_responses(*_READ),
}
EDIT: Final[dict[str, Any]] = {
    "summary": "Edit cells",
    "description": "Single cells by `_row_id`, the same values for every row a filter matches, or what stands in "
    "their cells transformed. A cell takes text, "
    "a number, true, false or null and keeps it as text. Rules do not look at edited values again.",
    "operation_id": "editTableRows",
    "responses": error_responses(*_WRITE),
    "openapi_extra": {
        "parameters": [IDEMPOTENCY_KEY],
        **json_body(
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "edits": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 10_000,
                        "items": {
                            "type": "object",
                            "required": ["row", "set"],
                            "properties": {"row": {"type": "integer", "minimum": 0}, "set": _VALUES},
                        },
                    },
                    "filter": _FILTER,
                    "set": _VALUES,
                    "transform": {
                        "type": "object",
                        "description": "By column: one action or several in order; without `filter` for every row.",
                        "additionalProperties": {
                            "anyOf": [
                                _ACTION,
                                {"type": "array", "minItems": 1, "maxItems": 20, "items": _ACTION},
                            ]
                        },
                    },
                    "view": {
                        "type": "string",
                        "enum": ["all", "issues"],
                        "description": "With `transform`; `issues`: only rows a rule warned about or fixed.",
                    },
                    "if_version": {"type": ["integer", "null"], "minimum": 0},
                },
            },
            {"edits": [{"row": 7, "set": {"email": "x@y.z"}}]},
        ),
    },
}
UNDO: Final[dict[str, Any]] = {
    "summary": "Undo the newest change",
    "description": "Changes are undone from the newest on; `change_id` makes sure which one it is.",
    "operation_id": "undoTableChange",
    "responses": error_responses(*_WRITE),
    "openapi_extra": {
        "parameters": [IDEMPOTENCY_KEY],
        **json_body(
            {"type": "object", "properties": {"change_id": {"type": ["integer", "null"]}}}, {"change_id": 12}
        ),
    },
}
CHANGES: Final[dict[str, Any]] = {
    "summary": "List the changes of the table",
    "description": "Newest first; columns and counts, never values. Give `next_cursor` back as `cursor`.",
    "operation_id": "listTableChanges",
    "responses": error_responses(*_READ),
}
