"""Pieces every room's OpenAPI description is made of, and the finished document."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

_WORDS: Final = {
    400: "Something in the request is wrong; `errors` says what.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "Not yours, or the token lacks the scope.",
    404: "No such thing, or it was deleted.",
    406: "None of the answers offered is acceptable.",
    409: "Clashes with what is there.",
    410: "It was given up: the time to go on is over.",
    412: "The header `Tus-Resumable` is missing or names another version.",
    413: "The body is too large.",
    415: "The body's type or encoding is not read here.",
    423: "Another request is doing this at the moment.",
    429: "Too many requests, or a quota is used up.",
    460: "The bytes do not have the checksum that came with them.",
    503: "A dependency is down or the server is full; try again.",
    507: "The storage is full.",
}
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1-255 characters; the same key and body give the stored answer for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
"""The header parameter of POSTs that remember their answer."""

_ISSUE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["row", "field", "pointer", "code", "message"],
    "properties": {
        "row": {"type": ["integer", "null"], "description": "Index in the array as sent, from 0."},
        "field": {"type": ["string", "null"]},
        "pointer": {"type": "string", "description": "JSON pointer into the body."},
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
}
_ERROR_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["status", "code", "message", "request_id", "errors", "errors_total"],
    "properties": {
        "status": {"type": "string", "const": "error"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Issue"}, "maxItems": 100},
        "errors_total": {"type": "integer"},
    },
}
_PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Issue"}},
        "errors_total": {"type": "integer"},
    },
}


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures a route documents."""
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Error"}},
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    }
    return {status: {"description": _WORDS[status], "content": content} for status in sorted(set(statuses))}


def json_body(schema: dict[str, Any], example: object) -> dict[str, Any]:
    """The description of a JSON request body that the route parses itself."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }


def document(app: FastAPI, public_paths: frozenset[str]) -> dict[str, Any]:
    """OpenAPI 3.1 of the whole API. Validation failures are 400 here, so FastAPI's 422 is taken out."""
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.router.routes
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for leftover in ("HTTPValidationError", "ValidationError"):
        schemas.pop(leftover, None)
    schemas |= {"Issue": _ISSUE_SCHEMA, "Error": _ERROR_SCHEMA, "Problem": _PROBLEM_SCHEMA}
    made["components"]["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, an OIDC token, or an upload's session token.",
        }
    }
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    scopes = _scopes(app)
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            if path not in public_paths:
                operation["security"] = [{"bearer": scopes.get((path, method), [])}]
    return made


def _scopes(app: FastAPI) -> dict[tuple[str, str], list[str]]:
    """(path, method) to the scope its guard asks for; OpenAPI 3.1 lists them in the security requirement."""
    found: dict[tuple[str, str], list[str]] = {}
    for route in app.router.routes:
        if isinstance(route, APIRoute):
            needed = {getattr(part.call, "muster_scope", None) for part in route.dependant.dependencies} - {
                None
            }
            for method in route.methods or ():
                found[route.path, method.lower()] = sorted(str(scope) for scope in needed)
    return found
