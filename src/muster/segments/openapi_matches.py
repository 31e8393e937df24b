"""What the OpenAPI page says about each route of probable matches: words, bodies and examples."""

from typing import Any, Final

from muster.segments.openapi import UPLOADS
from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)
_UPLOAD: Final = "upl_1737000000_0123456789abcdefghijkl"
_ROW: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["upload_id", "row"],
    "properties": {"upload_id": {"type": "string"}, "row": {"type": "integer"}},
}
_PAIRS: Final[dict[str, Any]] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["a", "b", "same"],
        "properties": {"a": _ROW, "b": _ROW, "same": {"type": "boolean"}},
    },
}
_PAIR: Final[dict[str, Any]] = {
    "a": {"upload_id": _UPLOAD, "row": 1},
    "b": {"upload_id": _UPLOAD, "row": 9},
    "same": True,
}

START: Final[dict[str, Any]] = {
    "summary": "Match rows by probability",
    "description": "A job learns from the rows how much each agreement tells. Needs the extra `muster[identity]`.",
    "operation_id": "createMatch",
    "status_code": 202,
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(
            {
                "type": "object",
                "required": ["uploads", "compare"],
                "properties": {
                    "uploads": UPLOADS,
                    "compare": {
                        "type": "array",
                        "minItems": 2,
                        "maxItems": 8,
                        "items": {
                            "type": "object",
                            "required": ["column", "kind"],
                            "properties": {
                                "column": {"type": "string"},
                                "kind": {
                                    "type": "string",
                                    "enum": ["name", "email", "phone", "text", "exact"],
                                },
                            },
                        },
                    },
                    "threshold": {"type": "number", "minimum": 0.5, "maximum": 1, "default": 0.95},
                    "labels": _PAIRS,
                },
                "additionalProperties": False,
            },
            {
                "uploads": [_UPLOAD],
                "compare": [
                    {"column": "email", "kind": "email"},
                    {"column": "full_name", "kind": "name"},
                ],
            },
        ),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
LIST: Final[dict[str, Any]] = {
    "summary": "List probable matches",
    "operation_id": "listMatches",
    "responses": error_responses(400, *_ALWAYS),
}
GET: Final[dict[str, Any]] = {
    "summary": "Get a probable match",
    "description": "Its measured precision and recall at every threshold, and what each agreement tells.",
    "operation_id": "getMatch",
    "responses": error_responses(404, *_ALWAYS),
}
PAIRS: Final[dict[str, Any]] = {
    "summary": "List pairs with their evidence",
    "description": "The least probable first.",
    "operation_id": "getMatchPairs",
    "responses": error_responses(400, 404, 409, *_ALWAYS),
}
DECIDE: Final[dict[str, Any]] = {
    "summary": "Settle pairs by hand",
    "description": "Whatever their probability; the last word on a pair counts.",
    "operation_id": "decideMatchPairs",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": json_body(
        {"type": "object", "required": ["decisions"], "properties": {"decisions": _PAIRS}},
        {"decisions": [_PAIR]},
    ),
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete a probable match",
    "description": "Refused while segments use it.",
    "operation_id": "deleteMatch",
    "responses": error_responses(404, 409, *_ALWAYS, 507),
}
