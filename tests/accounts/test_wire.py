"""What requests may say: every odd body is an InputError that points at the member."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from muster.accounts.wire import KeyRequest, SignInRequest, body_schema, key_wish, parse_body
from muster.errors import InputError

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"", []),
        (b"{", []),
        (b"{}x", []),
        (b"\xff\xfe{}", []),
        (b'{"email": "\xff"}', []),
        (b'{"email": "\\ud800"}', []),
        (b'{"email": NaN}', []),
        (b"null", [""]),
        (b"[]", [""]),
        (b'"text"', [""]),
        (b"[" * 50_000, [""]),
        (b'{"email":' + b"[" * 50_000, ["/email"]),
        (b'{"email": 5, "password": "x"}', ["/email"]),
        (b'{"email": null, "password": "x"}', ["/email"]),
        (b'{"email": "a@b.c", "password": ["x"]}', ["/password"]),
        (b'{"email": "a@b.c", "password": "x", "secret_member": 1}', [""]),
        (json.dumps({"token": "x" * 3000}).encode(), ["/token"]),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_body_that_is_wrong_points_at_the_member(body: bytes, pointers: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        parse_body(body, SignInRequest)
    assert [issue.pointer for issue in refused.value.issues] == pointers
    assert "secret_member" not in refused.value.message


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"name": "k", "scopes": "all"}, "scopes"),
        ({"name": "k", "scopes": []}, "scopes"),
        ({"name": "k", "scopes": ["uploads:read", "root"]}, "scopes"),
        ({"name": "k", "scopes": [5]}, "scopes"),
        ({"name": "k", "expires_at": "tomorrow"}, "expires_at"),
        ({"name": "k", "expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"name": "k", "expires_at": 1900000000}, "expires_at"),
        ({"name": "k", "expires_in_days": 0}, "expires_in_days"),
        ({"name": "k", "expires_in_days": 10**9}, "expires_in_days"),
        ({"name": "k", "expires_in_days": 1.5}, "expires_in_days"),
        ({"name": "k", "expires_in_days": True}, "expires_in_days"),
        ({"name": "k", "expires_in_days": 1, "expires_at": "2030-01-01T00:00:00Z"}, "expires_in_days"),
        ({"name": "k", "row_quota": 0}, "row_quota"),
        ({"name": "k", "row_quota": 10**30}, "row_quota"),
        ({"name": "k", "row_quota": "many"}, "row_quota"),
        ({"name": "k", "user_id": "usr_somebody"}, None),
    ],
    ids=repr,
)
def test_a_key_that_cannot_be_meant_names_the_member(body: dict[str, Any], field: str | None) -> None:
    with pytest.raises(InputError) as refused:
        key_wish(parse_body(json.dumps(body).encode(), KeyRequest), NOW)
    assert {issue.field for issue in refused.value.issues} == {field}


def test_an_unknown_scope_is_pointed_at_by_its_place() -> None:
    body = b'{"name": "k", "scopes": ["uploads:read", "root", "uploads:write", "toor"]}'
    with pytest.raises(InputError) as refused:
        key_wish(parse_body(body, KeyRequest), NOW)
    assert [issue.pointer for issue in refused.value.issues] == ["/scopes/1", "/scopes/3"]
    assert "toor" not in refused.value.message


def test_days_become_one_absolute_end() -> None:
    wish = key_wish(parse_body(b'{"name": "k", "expires_in_days": 30}', KeyRequest), NOW)
    assert wish.expires_at == datetime(2025, 2, 14, 10, 30, tzinfo=UTC)
    assert key_wish(parse_body(b'{"name": "k"}', KeyRequest), NOW).expires_at is None


def test_the_declared_schema_stands_alone() -> None:
    declared = body_schema(KeyRequest, {})
    assert "$ref" not in json.dumps(declared)
    schema = declared["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
