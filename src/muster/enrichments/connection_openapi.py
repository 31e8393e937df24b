"""What the OpenAPI page says about each route of connections: words, bodies and examples."""

from typing import Any, Final

from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)

_NAME: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 100}
_SETTINGS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What the provider's `settings` schema says, secrets among it. They are never given back.",
}
_EXAMPLE: Final[dict[str, Any]] = {
    "provider": "http_json",
    "name": "Company registry",
    "settings": {
        "url": "https://api.example.com/v1/companies/{domain}",
        "auth": {"kind": "bearer", "token": "..."},
        "needs": [{"name": "domain", "title": "Domain"}],
        "outputs": [{"name": "company_name", "path": "$.company.name"}],
        "price": 0.002,
        "rate": {"calls": 10, "seconds": 1},
    },
}

LIST: Final[dict[str, Any]] = {
    "summary": "List connections",
    "description": "All of them, by name. Secrets read as null.",
    "operation_id": "listEnrichmentConnections",
    "responses": error_responses(*_ALWAYS),
}
CREATE: Final[dict[str, Any]] = {
    "summary": "Create a connection",
    "description": "Keeps the settings of a provider under a name. Secrets are sealed.",
    "operation_id": "createEnrichmentConnection",
    "status_code": 201,
    "responses": error_responses(*_BODY, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(
            {
                "type": "object",
                "required": ["provider", "name", "settings"],
                "properties": {
                    "provider": {
                        "type": "string",
                        "description": "The id of a provider with `connection: true`.",
                    },
                    "name": _NAME,
                    "settings": _SETTINGS,
                },
                "additionalProperties": False,
            },
            _EXAMPLE,
        ),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
GET: Final[dict[str, Any]] = {
    "summary": "Get a connection",
    "operation_id": "getEnrichmentConnection",
    "responses": error_responses(404, *_ALWAYS),
}
CHANGE: Final[dict[str, Any]] = {
    "summary": "Change a connection",
    "description": "Given `settings` replace all of them; a secret that is null stays as it is, as long as the service "
    "(scheme, host and port) stays the same.",
    "operation_id": "changeEnrichmentConnection",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": json_body(
        {
            "type": "object",
            "properties": {"name": _NAME, "settings": _SETTINGS},
            "additionalProperties": False,
        },
        {"name": "Company registry, new contract"},
    ),
}
DELETE: Final[dict[str, Any]] = {
    "summary": "Delete a connection",
    "operation_id": "deleteEnrichmentConnection",
    "responses": error_responses(404, *_ALWAYS, 507),
}
TRY: Final[dict[str, Any]] = {
    "summary": "Try a connection",
    "description": "Makes one call, which may cost what the service charges for it, and shows what came of it. "
    "It ends after 20 seconds.",
    "operation_id": "tryEnrichmentConnection",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": json_body(
        {
            "type": "object",
            "required": ["input"],
            "properties": {
                "input": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "null"], "maxLength": 10_000},
                    "description": "A value for each of the connection's `needs`.",
                }
            },
            "additionalProperties": False,
        },
        {"input": {"domain": "example.org"}},
    ),
}
