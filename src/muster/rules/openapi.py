"""What the OpenAPI page says about each route of rules: words, bodies and examples."""

from typing import Any, Final

import msgspec

from muster.records.rules import TESTS
from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)


def _test_schema() -> dict[str, Any]:
    """All tests, told apart by `kind`, with what they take."""
    shapes = msgspec.json.schema_components(TESTS.values())[1]
    return {"oneOf": list(shapes.values())}


_MEMBERS: Final[dict[str, Any]] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 100},
    "field": {
        "type": ["string", "null"],
        "description": "The field to test; none for `any_of` and `unique`, which name their fields.",
    },
    "test": _test_schema(),
    "severity": {"type": "string", "enum": ["reject", "warn", "fix"], "default": "reject"},
    "otherwise": {
        "type": "string",
        "enum": ["reject", "warn"],
        "default": "reject",
        "description": "Under `fix`: what happens to a value that cannot be fixed.",
    },
    "enabled": {"type": "boolean", "default": True},
}
_RULE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["name", "test"],
    "properties": _MEMBERS,
    "additionalProperties": False,
}
_EXAMPLE: Final[dict[str, Any]] = {
    "name": "Phones in international form",
    "field": "phone",
    "test": {"kind": "phone", "region": "DE"},
    "severity": "fix",
    "otherwise": "warn",
}
_CELL: Final[dict[str, Any]] = {"type": ["string", "number", "boolean", "null"]}

LIST: Final[dict[str, Any]] = {
    "summary": "List rules",
    "description": "All of them, in the order they are applied.",
    "operation_id": "listRules",
    "responses": error_responses(*_ALWAYS),
}
CREATE: Final[dict[str, Any]] = {
    "summary": "Create a rule",
    "description": "It is applied after the rules there are, to uploads whose tables are built from now on.",
    "operation_id": "createRule",
    "status_code": 201,
    "responses": error_responses(*_BODY, 409, *_ALWAYS, 507),
    "openapi_extra": {**json_body(_RULE, _EXAMPLE), "parameters": [IDEMPOTENCY_KEY]},
}
GET: Final[dict[str, Any]] = {
    "summary": "Get a rule",
    "operation_id": "getRule",
    "responses": error_responses(404, *_ALWAYS),
}
CHANGE: Final[dict[str, Any]] = {
    "summary": "Change a rule",
    "description": "Members that are left out stay; a given `test` replaces the whole test.",
    "operation_id": "changeRule",
    "responses": error_responses(*_BODY, 404, *_ALWAYS, 507),
    "openapi_extra": json_body({"type": "object", "properties": _MEMBERS}, {"enabled": False}),
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete a rule",
    "operation_id": "deleteRule",
    "responses": error_responses(404, *_ALWAYS, 507),
}
ORDER: Final[dict[str, Any]] = {
    "summary": "Put the rules into another order",
    "description": "Names each rule once.",
    "operation_id": "orderRules",
    "responses": error_responses(*_BODY, 404, *_ALWAYS, 507),
    "openapi_extra": json_body(
        {
            "type": "object",
            "required": ["rule_ids"],
            "properties": {"rule_ids": {"type": "array", "items": {"type": "string"}, "maxItems": 100}},
        },
        {"rule_ids": ["rul_0123456789abcdefghijkl"]},
    ),
}
TRY: Final[dict[str, Any]] = {
    "summary": "Try rules before saving them",
    "description": "One `rule` on `values`; `rule`, `rules` or, without either, the saved ones on `records` or on a "
    "whole upload. Nothing is kept.",
    "operation_id": "tryRules",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": json_body(
        {
            "type": "object",
            "properties": {
                "rule": _RULE,
                "rules": {"type": "array", "items": _RULE, "maxItems": 100},
                "values": {"type": "array", "items": _CELL, "maxItems": 1000},
                "records": {
                    "type": "array",
                    "items": {"type": "object", "additionalProperties": _CELL},
                    "maxItems": 1000,
                },
                "upload_id": {"type": "string"},
            },
        },
        {"rule": _EXAMPLE, "values": ["030 901820", "hello"]},
    ),
}
