"""What the OpenAPI page says about issues, fixes of rejects, and links."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_ONE: Final = (400, 401, 403, 404, 406, 429, 503)
_ACTION: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["action"],
    "additionalProperties": False,
    "properties": {
        "field": {"type": "string", "description": "As in the table or as it was sent; not for `drop`."},
        "action": {
            "type": "string",
            "enum": ["trim", "lower", "upper", "replace", "set", "clear", "suggest", "drop"],
        },
        "find": {"type": "string", "maxLength": 1000},
        "replace": {"type": "string", "maxLength": 1000, "default": ""},
        "regex": {"type": "boolean", "default": False, "description": "`find` is an RE2 expression."},
        "value": {"type": ["string", "number", "boolean", "null"]},
    },
}

ISSUES: Final[dict[str, Any]] = {
    "summary": "Get what is wrong with an upload, by cause",
    "description": "Records kept aside (`reject`), and what rules said of rows (`warn`) or changed in them (`fixed`) "
    "when the table was made. With an `ETag`. An upload's session token opens this route too.",
    "operation_id": "getBatchUploadIssues",
    "responses": error_responses(*_ONE),
}
FIX: Final[dict[str, Any]] = {
    "summary": "Fix or discard rejects all alike",
    "description": "Applies the actions to every reject that fits, then checks them again by today's rules: those that "
    "pass join the table, the others stay rejects with their new values and reasons. `drop` discards them: they "
    "count as rejected under `discarded_by_user`, their values are gone. One call looks at a bounded number of "
    "rejects; while `remaining` is not 0, repeat it with `after_row` = `next_after_row`.",
    "operation_id": "fixBatchUploadRejects",
    "responses": error_responses(400, 401, 403, 404, 409, 413, 415, 429, 503, 507),
    "openapi_extra": {
        "parameters": [IDEMPOTENCY_KEY],
        **json_body(
            {
                "type": "object",
                "required": ["actions"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": ["string", "null"]},
                    "field": {
                        "type": ["string", "null"],
                        "description": "Of the reject; empty: rejects that are about a whole record.",
                    },
                    "rows": {
                        "type": ["array", "null"],
                        "items": {"type": "integer"},
                        "minItems": 1,
                        "maxItems": 10_000,
                    },
                    "after_row": {"type": ["integer", "null"]},
                    "actions": {"type": "array", "minItems": 1, "maxItems": 20, "items": _ACTION},
                    "dry_run": {"type": "boolean", "default": False},
                },
            },
            {
                "code": "email_syntax",
                "field": "email",
                "actions": [{"field": "email", "action": "suggest"}],
                "dry_run": True,
            },
        ),
    },
}
SHARE: Final[dict[str, Any]] = {
    "summary": "Make a link that opens an upload read-only",
    "description": "A new session token for 24 hours, shown this once. Only the owner can make one.",
    "operation_id": "createBatchUploadLink",
    "responses": error_responses(400, 401, 403, 404, 409, 429, 503),
    "openapi_extra": {"parameters": [IDEMPOTENCY_KEY]},
}
LINKS: Final[dict[str, Any]] = {
    "summary": "See how many links of an upload are alive",
    "operation_id": "listBatchUploadLinks",
    "responses": error_responses(*_ONE),
}
UNSHARE: Final[dict[str, Any]] = {
    "summary": "Revoke every link of an upload",
    "description": "At once, the session token of its receipt included.",
    "operation_id": "revokeBatchUploadLinks",
    "responses": error_responses(400, 401, 403, 404, 429, 503),
}
