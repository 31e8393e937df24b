"""Public JSON names of accounts: what requests may say and what answers look like."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType
from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.accounts.keys import MAX_ROW_QUOTA, KeyWish
from muster.accounts.model import (
    MAX_KEY_NAME_CHARACTERS,
    ApiKey,
    AuditLine,
    NewApiKey,
    Principal,
    Scope,
    User,
    parse_scopes,
)
from muster.clock import rfc3339
from muster.errors import InputError, Issue

MAX_DAYS = 3650

_Text = Annotated[str, Meta(max_length=2048)]


# Requests ---------------------------------------------------------------------------------------------------


class _Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An unknown member is refused: `expire_in_days` misspelt must not make a key that never ends."""


class SignInRequest(_Request):
    """Either `email` and `password`, or `token` of a one-time sign-in link."""

    email: _Text | UnsetType = UNSET
    password: _Text | UnsetType = UNSET
    token: _Text | UnsetType = UNSET


class SignOutRequest(_Request):
    """everywhere: end all sessions of the user, not only this one."""

    everywhere: bool = False


class PasswordRequest(_Request):
    """current_password is needed when there is a password already."""

    new_password: _Text
    current_password: _Text | None = None


class KeyRequest(_Request):
    """expires_at and expires_in_days exclude each other; without either the key does not expire."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_KEY_NAME_CHARACTERS)]
    scopes: Annotated[list[str], Meta(min_length=1, max_length=100)] | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    expires_in_days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] | None = None
    row_quota: Annotated[int, Meta(ge=1, le=MAX_ROW_QUOTA)] | None = None


class RollRequest(_Request):
    """overlap_seconds: how long the old key goes on working, at most a week."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=604_800)] = 0


class RenameKeyRequest(_Request):
    """The key's new name."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_KEY_NAME_CHARACTERS)]


class OpenRequest(_Request):
    """token: an upload's `session_token`, from the fragment of its link."""

    token: Annotated[str, Meta(max_length=200)]


Request = TypeVar("Request", bound=_Request)

_AT = re.compile(r" - at `\$\.?([^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `([^`]+)`")


def parse_body(body: bytes, shape: type[Request]) -> Request:
    """The request in `body`; raises InputError whose issues name the member that is wrong."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _issue_of(str(error), shape) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = (
            str(error)
            if isinstance(error, msgspec.DecodeError)
            else "it is not UTF-8 text or nested too deep"
        )
        raise InputError(f"The body is not valid JSON: {why}.", code="json_invalid") from error


def _issue_of(text: str, shape: type[_Request]) -> InputError:
    if "unknown field" in text:
        # The member's name was sent, so it is not repeated.
        message = f"A member is not known here. Known are: {', '.join(shape.__struct_fields__)}."
        return InputError(
            message, code="member_unknown", issues=[Issue(None, None, "", "member_unknown", message)]
        )
    missing = _MISSING.match(text)
    at = _AT.search(text)
    path = missing[1] if missing else at[1] if at else ""
    field = re.split(r"[.\[]", path, maxsplit=1)[0] or None
    pointer = "".join(f"/{step}" for step in re.split(r"[.\[\]]+", path) if step)
    why = _AT.sub("", text).replace("`", "")
    message = f"Correct {f'`{field}`' if field else 'the body'}: {why}."
    # Both codes are spelled where they are raised: the reference of codes is read from the source.
    if missing:
        issue = Issue(None, field, pointer, "member_missing", f"{why}.")
        return InputError(message, code="member_missing", issues=[issue])
    issue = Issue(None, field, pointer, "member_invalid", f"{why}.")
    return InputError(message, code="member_invalid", issues=[issue])


def refuse_member(field: str, message: str) -> InputError:
    """An error about one member that its type alone cannot express."""
    return InputError(
        f"Correct `{field}`: {message}",
        code="member_invalid",
        issues=[Issue(None, field, f"/{field}", "member_invalid", message)],
    )


def key_wish(request: KeyRequest, now: datetime) -> KeyWish:
    """What the request asks for, with one absolute end."""
    if request.expires_at is not None and request.expires_in_days is not None:
        raise refuse_member("expires_in_days", "Send `expires_at` or `expires_in_days`, not both.")
    expires_at = request.expires_at
    if request.expires_in_days is not None:
        expires_at = now + timedelta(days=request.expires_in_days)
    return KeyWish(
        name=request.name,
        scopes=None if request.scopes is None else parse_scopes(request.scopes),
        expires_at=expires_at,
        row_quota=request.row_quota,
    )


def body_schema(shape: type[_Request], example: object, *, required: bool = True) -> dict[str, Any]:
    """`openapi_extra` that declares the body, which the route reads raw."""
    schema = msgspec.json.schema(shape)
    content = {"schema": schema["$defs"][shape.__name__], "example": example}
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


# Answers ----------------------------------------------------------------------------------------------------


class UserView(TypedDict):
    """A user, to the user alone."""

    id: str
    email: str
    role: Literal["owner", "member"]
    created_at: str


class UserAnswer(TypedDict):
    """Who is signed in."""

    status: Literal["success"]
    user: UserView


class MeAnswer(TypedDict):
    """actor: `session`, `oidc`, `key:<id>` or `link`.

    only_upload: set for the link of an upload, which opens that one and tells nothing of its owner: `user` is
    null then.
    """

    status: Literal["success"]
    user: UserView | None
    scopes: list[str]
    actor: str
    has_password: bool
    only_upload: str | None


class SessionsEndedAnswer(TypedDict):
    """sessions_ended: how many sessions this request ended."""

    status: Literal["success"]
    message: str
    sessions_ended: int


class KeyView(TypedDict):
    """An API key without its secret. state: `active`, `expired` or `revoked`."""

    id: str
    name: str
    scopes: list[str]
    state: Literal["active", "expired", "revoked"]
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    last_used_address: str | None
    row_quota: int | None
    rows_used: int


class KeysAnswer(TypedDict):
    """One page of keys, newest first."""

    status: Literal["success"]
    keys: list[KeyView]
    next_cursor: str | None
    total: int


class NewKeyAnswer(TypedDict):
    """key: the text to send as Bearer token; it is never shown again."""

    status: Literal["success"]
    key: str
    api_key: KeyView
    message: str


class KeyAnswer(TypedDict):
    """A key after a change."""

    status: Literal["success"]
    api_key: KeyView


class KeyRevokedAnswer(TypedDict):
    """The key stopped working."""

    status: Literal["success"]
    message: str


class AuditView(TypedDict):
    """One line of the audit log."""

    at: str
    actor: str
    action: str
    subject: str
    details: dict[str, str | int]


class AuditAnswer(TypedDict):
    """One page of the user's own audit log, newest first."""

    status: Literal["success"]
    lines: list[AuditView]
    next_cursor: str | None
    total: int


def user_view(user: User) -> UserView:
    return {
        "id": user.id,
        "email": user.email,
        "role": user.role.value,
        "created_at": rfc3339(user.created_at),
    }


def scope_names(scopes: Iterable[Scope]) -> list[str]:
    return sorted(scope.value for scope in scopes)


def me_answer(user: User | None, principal: Principal, *, has_password: bool) -> MeAnswer:
    return {
        "status": "success",
        "user": None if user is None else user_view(user),
        "scopes": scope_names(principal.scopes),
        "actor": principal.actor,
        "has_password": has_password,
        "only_upload": principal.only_upload,
    }


def key_view(key: ApiKey, now: datetime) -> KeyView:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": scope_names(key.scopes),
        "state": "active" if key.is_usable(now) else "revoked" if key.revoked_at else "expired",
        "created_at": rfc3339(key.created_at),
        "expires_at": _moment(key.expires_at),
        "revoked_at": _moment(key.revoked_at),
        "last_used_at": _moment(key.last_used_at),
        "last_used_address": key.last_used_address,
        "row_quota": key.row_quota,
        "rows_used": key.rows_used,
    }


def new_key_json(made: NewApiKey, now: datetime) -> bytes:
    """The bytes of the answer that shows a new key."""
    return msgspec.json.encode(new_key_answer(made, now))


def new_key_answer(made: NewApiKey, now: datetime) -> NewKeyAnswer:
    return {
        "status": "success",
        "key": made.text,
        "api_key": key_view(made.key, now),
        "message": "Keep this key now: it is not shown again.",
    }


def audit_views(lines: Sequence[AuditLine]) -> list[AuditView]:
    return [
        {
            "at": rfc3339(line.at),
            "actor": line.actor,
            "action": line.action,
            "subject": line.subject,
            "details": dict(line.details),
        }
        for line in lines
    ]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
