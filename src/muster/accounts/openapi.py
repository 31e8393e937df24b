"""What the OpenAPI page says about each route of accounts: words, bodies, examples and failures."""

from typing import Any, Final

from muster.accounts.wire import KeyRequest, PasswordRequest, SignInRequest, SignOutRequest, body_schema
from muster.web.openapi import IDEMPOTENCY_KEY, error_responses

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)

SIGN_IN: Final[dict[str, Any]] = {
    "summary": "Sign in",
    "operation_id": "signIn",
    "responses": error_responses(*_BODY, *_ALWAYS, 507),
    "openapi_extra": body_schema(
        SignInRequest, {"email": "owner@example.org", "password": "correct horse battery"}
    ),
}
SIGN_OUT: Final[dict[str, Any]] = {
    "summary": "Sign out",
    "operation_id": "signOut",
    "responses": error_responses(*_BODY, *_ALWAYS, 507),
    "openapi_extra": body_schema(SignOutRequest, {"everywhere": False}, required=False),
}
ME: Final[dict[str, Any]] = {
    "summary": "Who am I",
    "operation_id": "getMe",
    "responses": error_responses(*_ALWAYS),
}
PASSWORD: Final[dict[str, Any]] = {
    "summary": "Set one's own password",
    "operation_id": "setPassword",
    "responses": error_responses(*_BODY, *_ALWAYS, 507),
    "openapi_extra": body_schema(
        PasswordRequest,
        {"current_password": "correct horse battery", "new_password": "battery horse correct"},
    ),
}
LIST_KEYS: Final[dict[str, Any]] = {
    "summary": "List API keys",
    "operation_id": "listKeys",
    "responses": error_responses(400, *_ALWAYS),
}
CREATE_KEY: Final[dict[str, Any]] = {
    "summary": "Create an API key",
    "operation_id": "createKey",
    "status_code": 201,
    "responses": error_responses(*_BODY, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **body_schema(
            KeyRequest, {"name": "nightly import", "scopes": ["uploads:write"], "expires_in_days": 90}
        ),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
ROLL_KEY: Final[dict[str, Any]] = {
    "summary": "Replace an API key by a new one",
    "operation_id": "rollKey",
    "status_code": 201,
    "responses": error_responses(400, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {"parameters": [IDEMPOTENCY_KEY]},
}
REVOKE_KEY: Final[dict[str, Any]] = {
    "summary": "Revoke an API key",
    "operation_id": "revokeKey",
    "responses": error_responses(404, *_ALWAYS, 507),
}
AUDIT: Final[dict[str, Any]] = {
    "summary": "List what was done in one's own account",
    "operation_id": "listAudit",
    "responses": error_responses(400, *_ALWAYS),
}
