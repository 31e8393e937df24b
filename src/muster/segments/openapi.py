"""What the OpenAPI page says about each route of segments: words, bodies and examples."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)
_FILTER: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "A filter tree; see docs/api/filters.md. None: every row.",
}
DEDUPE: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "How rows of the same person become one; none: every row stands for itself.",
    "required": ["by"],
    "properties": {
        "by": {"type": "string", "enum": ["email", "phone", "domain_name", "match"]},
        "columns": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Columns that hold it; default: by their headers.",
        },
        "names": {
            "type": "array",
            "items": {"type": "string"},
            "description": "With `domain_name`: columns of the name.",
        },
        "region": {
            "type": ["string", "null"],
            "description": "With `phone`: country of numbers without a code.",
        },
        "match": {"type": "string", "description": "With `match`: the id of a probable match."},
        "threshold": {"type": "number", "description": "With `match`: probability pairs have at least."},
        "keep": {"type": "string", "enum": ["newest", "most_complete"], "default": "newest"},
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "string",
                "enum": ["winner", "newest", "first", "most_complete", "longest"],
            },
            "description": "Where the value of a field comes from; `*`: of all others.",
        },
    },
}
UPLOADS: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "maxItems": 50,
}
_MEMBERS: Final[dict[str, Any]] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": {"type": "string", "maxLength": 2000},
    "tags": {"type": "array", "items": {"type": "string", "maxLength": 50}, "maxItems": 20},
    "kind": {"type": "string", "enum": ["live", "snapshot"], "default": "live"},
    "uploads": UPLOADS,
    "filter": _FILTER,
    "dedupe": DEDUPE,
}
_UPLOAD: Final = "upl_1737000000_0123456789abcdefghijkl"
_EXAMPLE: Final[dict[str, Any]] = {
    "name": "Buyers in the US",
    "kind": "live",
    "uploads": [_UPLOAD],
    "filter": {"field": "country", "op": "eq", "value": "US"},
    "dedupe": {"by": "email", "keep": "newest"},
}
_ENTRY: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A row (`upload_id`, `row`) or an identity (`email`, `phone`, or `domain` and `name`).",
    "properties": {
        "upload_id": {"type": "string"},
        "row": {"type": "integer"},
        "email": {"type": "string"},
        "phone": {"type": "string"},
        "domain": {"type": "string"},
        "name": {"type": "string"},
    },
}
PREFER: Final[dict[str, Any]] = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`respond-async`: count in the background (RFC 7240).",
    "schema": {"type": "string"},
}
_COUNTING: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "A job counts; `status` is `computing`."}
}

LIST: Final[dict[str, Any]] = {
    "summary": "List segments",
    "description": "Nothing is counted for a list; `is_stale` says where a table changed since the last count.",
    "operation_id": "listSegments",
    "responses": error_responses(400, *_ALWAYS),
}
CREATE: Final[dict[str, Any]] = {
    "summary": "Create a segment",
    "description": "It is counted before the answer, or by a job where that takes long.",
    "operation_id": "createSegment",
    "status_code": 201,
    "responses": _COUNTING | error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(
            {
                "type": "object",
                "required": ["name", "uploads"],
                "properties": _MEMBERS,
                "additionalProperties": False,
            },
            _EXAMPLE,
        ),
        "parameters": [IDEMPOTENCY_KEY, PREFER],
    },
}
PREVIEW: Final[dict[str, Any]] = {
    "summary": "Count without storing anything",
    "description": "How many, which share, how many are left after each condition, and a few rows.",
    "operation_id": "previewSegment",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": json_body(
        {
            "type": "object",
            "required": ["uploads"],
            "properties": {
                **_MEMBERS,
                "segment_id": {
                    "type": ["string", "null"],
                    "description": "Count with the manual entries of this one.",
                },
                "token": {
                    "type": ["string", "null"],
                    "description": "A newer preview with the same token stops this one.",
                },
                "sample": {"type": "integer", "minimum": 0, "maximum": 100, "default": 10},
                "columns": {"type": ["array", "null"], "items": {"type": "string"}},
            },
        },
        {key: value for key, value in _EXAMPLE.items() if key not in {"name", "kind"}}
        | {"token": "builder-1"},
    ),
}
GET: Final[dict[str, Any]] = {
    "summary": "Get a segment",
    "description": "A live one is brought up to date first, if a table changed.",
    "operation_id": "getSegment",
    "responses": error_responses(404, 409, *_ALWAYS, 507),
}
CHANGE: Final[dict[str, Any]] = {
    "summary": "Change a segment",
    "description": "Members that are left out stay. What decides who is a member makes a new version.",
    "operation_id": "changeSegment",
    "responses": _COUNTING | error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body({"type": "object", "properties": _MEMBERS}, {"name": "Buyers in the US, spring"}),
        "parameters": [PREFER],
    },
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete a segment",
    "operation_id": "deleteSegment",
    "responses": error_responses(400, 404, 409, *_ALWAYS, 507),
}
REFRESH: Final[dict[str, Any]] = {
    "summary": "Count a segment anew",
    "description": "Also a snapshot: its new version holds what is there now.",
    "operation_id": "refreshSegment",
    "responses": _COUNTING | error_responses(404, 409, *_ALWAYS, 507),
    "openapi_extra": {"parameters": [PREFER]},
}
MEMBERS: Final[dict[str, Any]] = {
    "summary": "Get members of a segment",
    "description": "Of any version that is kept, or those who came or went since another one.",
    "operation_id": "getSegmentMembers",
    "responses": error_responses(400, 404, 409, *_ALWAYS, 507),
}
CHANGE_MEMBERS: Final[dict[str, Any]] = {
    "summary": "Add and leave out members by hand",
    "description": "Leaving out wins over adding, and both over the filter. At most 10,000 entries a request.",
    "operation_id": "changeSegmentMembers",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": json_body(
        {
            "type": "object",
            "properties": {
                name: {"type": "array", "items": _ENTRY} for name in ("include", "exclude", "forget")
            },
            "additionalProperties": False,
        },
        {"include": [{"upload_id": _UPLOAD, "row": 7}], "exclude": [{"email": "ada@example.com"}]},
    ),
}
MANUAL: Final[dict[str, Any]] = {
    "summary": "List what was added and left out by hand",
    "operation_id": "getSegmentManual",
    "responses": error_responses(400, 404, *_ALWAYS),
}
HISTORY: Final[dict[str, Any]] = {
    "summary": "List the versions of a segment",
    "description": "Sizes, who came and went, and why it was counted; the newest first.",
    "operation_id": "getSegmentHistory",
    "responses": error_responses(400, 404, *_ALWAYS),
}
COMPARE: Final[dict[str, Any]] = {
    "summary": "Compare two segments",
    "description": "How many are in both and in one alone, by row or by identity. Also two versions of one segment.",
    "operation_id": "compareSegments",
    "responses": error_responses(400, 404, 409, *_ALWAYS, 507),
}
EXPLAIN: Final[dict[str, Any]] = {
    "summary": "Say why a row is in a segment, or not",
    "description": "Every node of the filter with whether it holds for the row.",
    "operation_id": "explainSegmentRow",
    "responses": error_responses(400, 404, 409, *_ALWAYS, 507),
}
DUPLICATES: Final[dict[str, Any]] = {
    "summary": "Show duplicates and what joining them would do",
    "description": "Groups of rows that are the same person, the largest first. Nothing is changed.",
    "operation_id": "showDuplicates",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": json_body(
        {
            "type": "object",
            "required": ["uploads", "dedupe"],
            "properties": {
                "uploads": UPLOADS,
                "dedupe": DEDUPE,
                "offset": {"type": "integer", "minimum": 0, "default": 0},
                "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                "columns": {"type": ["array", "null"], "items": {"type": "string"}},
            },
            "additionalProperties": False,
        },
        {"uploads": [_UPLOAD], "dedupe": {"by": "email", "fields": {"*": "newest"}}},
    ),
}
