"""What the OpenAPI page says about each route of accounts: words, bodies, examples and failures."""

from typing import Any, Final

from muster.accounts.wire import (
    KeyRequest,
    OpenRequest,
    PasswordRequest,
    RenameKeyRequest,
    RollRequest,
    SignInRequest,
    SignOutRequest,
    body_schema,
)
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
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **body_schema(RollRequest, {"overlap_seconds": 86400}, required=False),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
RENAME_KEY: Final[dict[str, Any]] = {
    "summary": "Rename an API key",
    "operation_id": "renameKey",
    "responses": error_responses(*_BODY, 404, *_ALWAYS, 507),
    "openapi_extra": body_schema(RenameKeyRequest, {"name": "nightly import"}),
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
METHODS: Final[dict[str, Any]] = {
    "summary": "How to sign in here",
    "operation_id": "getSignInMethods",
    "responses": error_responses(503),
}
OPEN: Final[dict[str, Any]] = {
    "summary": "Open the link of an upload",
    "operation_id": "openUploadLink",
    "responses": error_responses(*_BODY, 401, 403, 503),
    "openapi_extra": body_schema(OpenRequest, {"token": f"sess_1737000000_{'A' * 43}"}),
}
CLOSE: Final[dict[str, Any]] = {
    "summary": "Forget the link of an upload",
    "operation_id": "closeUploadLink",
    "responses": error_responses(403),
}
LIST_SESSIONS: Final[dict[str, Any]] = {
    "summary": "List one's own browser sessions",
    "operation_id": "listSessions",
    "responses": error_responses(*_ALWAYS),
}
END_SESSION: Final[dict[str, Any]] = {
    "summary": "End one of one's own browser sessions",
    "operation_id": "endSession",
    "responses": error_responses(404, *_ALWAYS, 507),
}
OIDC_START: Final[dict[str, Any]] = {
    "summary": "Go to the outside issuer to sign in",
    "operation_id": "startOidc",
    "status_code": 302,
    "responses": {302: {"description": "On to the issuer."}, **error_responses(400, 404, 503)},
}
OIDC_CALLBACK: Final[dict[str, Any]] = {
    "summary": "Come back from the outside issuer",
    "operation_id": "finishOidc",
    "status_code": 302,
    "responses": {
        302: {"description": "Signed in, and on to where the sign-in began."},
        **error_responses(400, 401, 403, 404, 503, 507),
    },
}
REQUESTS: Final[dict[str, Any]] = {
    "summary": "List one's own recent requests",
    "operation_id": "listRequests",
    "responses": error_responses(400, *_ALWAYS),
}
