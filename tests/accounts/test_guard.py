"""The door of every guarded route: who is asking, and may they?"""

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import insert

from muster.accounts import upload_tokens, users
from muster.accounts.guard import Guard, bearer_token, check_scope, rate_key
from muster.accounts.model import Principal, Scope, User
from muster.accounts.oidc import OidcVerifier
from muster.accounts.room import AccountsRoom
from muster.db.schema import uploads
from muster.errors import Forbidden, NotSignedIn, RateLimited
from muster.ids import KeyId, UploadId, UserId, new_upload_id
from tests.accounts.conftest import PASSWORD, SAME_ORIGIN, CountingLimiter, bearer

ME = UserId("usr_1")
READ = frozenset({Scope.UPLOADS_READ})


@pytest.mark.parametrize(
    "headers",
    [
        [""],
        [" "],
        ["Bearer"],
        ["Bearer "],
        ["Basic dXNlcjpwYXNz"],
        ["muster_AAAAAAAA_" + "A" * 43],
        ["Bearer a b"],
        ["Bearer a, Bearer b"],
        ["Bearerx a"],
        ["Bearer ä"],
        ["Bearer a", "Bearer b"],
    ],
    ids=repr,
)
def test_a_header_that_is_not_one_bearer_token_is_refused(headers: list[str]) -> None:
    with pytest.raises(NotSignedIn):
        bearer_token(headers)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER abc", " Bearer   abc "])
def test_the_schemes_name_is_case_insensitive(header: str) -> None:
    assert bearer_token([header]) == "abc"


@pytest.mark.parametrize(
    ("principal", "key"),
    [
        (Principal(ME, READ, "key:AAAAAAAA", key_id=KeyId("AAAAAAAA")), "key:AAAAAAAA"),
        (Principal(ME, READ, "session"), "user:usr_1"),
        (Principal(ME, READ, "oidc"), "user:usr_1"),
        (Principal(ME, READ, "link", only_upload=UploadId("upl_1")), "link:upl_1"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.actor,
)
def test_whom_a_request_counts_for(principal: Principal, key: str) -> None:
    assert rate_key(principal) == key


def test_a_missing_scope_is_named() -> None:
    with pytest.raises(Forbidden, match="uploads:write") as refused:
        check_scope(Principal(ME, READ, "session"), Scope.UPLOADS_WRITE, upload_token=False)
    assert refused.value.error_code == "scope_missing"
    check_scope(Principal(ME, READ, "session"), Scope.UPLOADS_READ, upload_token=False)
    check_scope(Principal(ME, frozenset(), "session"), None, upload_token=False)


def test_the_dependency_says_its_scope_and_runs_in_a_thread(room: AccountsRoom) -> None:
    dependency = Guard(room, CountingLimiter()).signed_in(Scope.USAGE_READ)
    assert dependency.muster_scope is Scope.USAGE_READ
    assert not inspect.iscoroutinefunction(dependency.__call__)
    assert next(iter(inspect.signature(dependency).parameters.values())).annotation is Request


def test_nobody_gets_in_without_a_token(client: TestClient) -> None:
    for path in ("/probe/read", "/probe/any", "/api/auth/me", "/api/keys", "/api/audit"):
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "not_signed_in"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_no_token_is_told_before_the_body_is_looked_at(client: TestClient, method: str) -> None:
    path = "/api/keys" if method == "POST" else "/api/keys/AAAAAAAA"
    assert client.request(method, path, content=b"not json" * 100_000).status_code == 401


def test_a_key_opens_what_its_scopes_say_and_nothing_else(
    client: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner, scopes=READ)
    assert client.get("/probe/read", headers=bearer(key)).json()["user_id"] == owner.id
    assert client.get("/probe/any", headers=bearer(key)).status_code == 200
    refused = client.post("/probe/write", headers=bearer(key))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def signed_in(client: TestClient, user: User) -> TestClient:
    answer = client.post("/api/auth/sign-in", json={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


def test_a_session_reads_freely_and_writes_only_from_our_own_pages(client: TestClient, owner: User) -> None:
    signed_in(client, owner)
    assert client.get("/probe/read").json()["actor"] == "session"
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.org"}):
        refused = client.post("/probe/write", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused"), headers
    for headers in (SAME_ORIGIN, {"Origin": "https://muster.example.org"}):
        assert client.post("/probe/write", headers=headers).status_code == 200


def test_behind_a_proxy_that_ends_tls_the_public_origin_counts_as_our_own(
    app: object, room: AccountsRoom, client: TestClient, owner: User
) -> None:
    signed_in(client, owner)
    headers = {"Origin": room.base_url, "Host": "10.0.0.7:3000"}
    assert client.post("/probe/write", headers=headers).status_code == 200


def test_a_key_in_the_header_needs_no_csrf_check(
    client: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    headers = {
        **bearer(new_key(owner)),
        "Origin": "https://elsewhere.example.org",
        "Sec-Fetch-Site": "cross-site",
    }
    assert client.post("/probe/write", headers=headers).status_code == 200


def test_a_bad_header_never_falls_back_to_the_cookie(client: TestClient, owner: User) -> None:
    signed_in(client, owner)
    assert client.get("/probe/any").status_code == 200
    for header in ("Bearer muster_AAAAAAAA_" + "A" * 43, "Basic eDp5", ""):
        assert client.get("/probe/any", headers={"Authorization": header}).status_code == 401


def test_a_cookie_nobody_issued_is_no_session(client: TestClient, owner: User) -> None:
    for cookie in ("", "x", "x" * 4000, '"; other=1', "%00", "muster_AAAAAAAA_" + "A" * 43):
        answer = client.get("/probe/any", headers={"Cookie": f"__Host-muster={cookie}"})
        assert answer.status_code == 401, cookie


def test_a_cookie_without_the_host_prefix_is_not_read_where_cookies_are_secure(
    client: TestClient, owner: User
) -> None:
    signed_in(client, owner)
    token = client.cookies["__Host-muster"]
    client.cookies.clear()
    assert client.get("/probe/any", headers={"Cookie": f"muster_session={token}"}).status_code == 401


@pytest.fixture
def upload_token(room: AccountsRoom, owner: User) -> str:
    now = room.clock()
    upload_id = new_upload_id(now)
    with room.db.begin() as connection:
        connection.execute(
            insert(uploads).values(
                id=upload_id, user_id=owner.id, name="u", source="api", status="uploaded", created_at=now,
                rows_received=1, rows_accepted=1, rows_rejected=0, fields_declared=False, size_bytes=1, stored_bytes=1,
            )
        )  # fmt: skip
        return upload_tokens.issue(connection, upload_id, now, timedelta(hours=24))


def test_an_upload_token_passes_only_where_the_route_says_so(
    client: TestClient, owner: User, upload_token: str
) -> None:
    seen = client.get("/probe/read", headers=bearer(upload_token)).json()
    assert seen["user_id"] == owner.id
    assert seen["only_upload"].startswith("upl_")
    for path in ("/probe/any", "/api/auth/sessions", "/api/keys", "/api/audit", "/api/requests"):
        refused = client.get(path, headers=bearer(upload_token))
        assert (refused.status_code, refused.json()["code"]) == (403, "upload_token_refused"), path


def test_every_request_is_counted_even_one_that_lacks_the_scope(
    client: TestClient, limiter: CountingLimiter, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner, scopes=READ)
    client.get("/probe/read", headers=bearer(key))
    client.post("/probe/write", headers=bearer(key))
    client.get("/probe/read")
    assert limiter.counted == [f"key:{key[7:15]}"] * 2


def test_a_limiter_that_refuses_refuses_the_request(room: AccountsRoom, owner: User) -> None:
    class Full:
        def check(self, who: str) -> object:
            raise RateLimited(f"{who} asks too often.", retry_after_seconds=3)

    principal = users.by_command_line(owner)
    token = _key_of(room, principal)
    scope = {"type": "http", "method": "GET", "headers": [(b"authorization", f"Bearer {token}".encode())]}
    with pytest.raises(RateLimited):
        Guard(room, Full()).signed_in(None)(Request(scope))


def test_the_principal_and_the_limits_are_left_for_those_who_log_and_answer(
    room: AccountsRoom, owner: User
) -> None:
    token = _key_of(room, users.by_command_line(owner))
    scope = {"type": "http", "method": "GET", "headers": [(b"authorization", f"Bearer {token}".encode())]}
    request = Request(scope)
    principal = Guard(room, CountingLimiter()).signed_in(None)(request)
    assert request.state.principal is principal
    assert request.state.rate_limit == 1


def _key_of(room: AccountsRoom, principal: Principal) -> str:
    from muster.accounts import keys

    return keys.create(room, principal, keys.KeyWish("k")).text


@pytest.fixture
def issued(room: AccountsRoom) -> Iterator[Callable[..., str]]:
    """A room that trusts a local issuer; answers a function that makes tokens of it."""
    import dataclasses

    from cryptography.hazmat.primitives.asymmetric import ec
    from fastapi import Depends, FastAPI

    from muster.web import errors as web_errors
    from tests.accounts.issuer import AUDIENCE, running_issuer

    with running_issuer({"ec": ec.generate_private_key(ec.SECP256R1())}) as issuer:
        trusting = dataclasses.replace(room, oidc=OidcVerifier(issuer.url, AUDIENCE))
        app = FastAPI()
        web_errors.install(app)
        guard = Guard(trusting, CountingLimiter())

        @app.get("/read")
        def read(principal: Principal = Depends(guard.signed_in(Scope.UPLOADS_READ))) -> dict[str, object]:  # noqa: B008
            return {
                "user_id": principal.user_id,
                "actor": principal.actor,
                "scopes": sorted(principal.scopes),
            }

        client = TestClient(app)

        def ask(**claims: object) -> tuple[int, dict[str, object]]:
            token = issuer.token(key_id="ec", algorithm="ES256", **claims)
            answer = client.get("/read", headers=bearer(token))
            return answer.status_code, answer.json()

        yield ask  # type: ignore[misc]


def test_a_jwt_of_the_issuer_opens_the_account_of_its_bearer(
    issued: Callable[..., tuple[int, dict[str, object]]], room: AccountsRoom, owner: User
) -> None:
    status, seen = issued()
    assert (status, seen["actor"]) == (200, "oidc")
    assert "admin" not in seen["scopes"]  # type: ignore[operator]
    assert issued(email=None)[1]["user_id"] == seen["user_id"]
    assert issued(sub="subject-2", email=owner.email)[1]["user_id"] == owner.id
    assert issued(sub="subject-3", email=owner.email, email_verified=None)[0] == 403
    assert issued(exp=1)[0] == 401


def test_a_jwt_is_narrowed_by_its_scope_claim_only_if_that_names_ours(
    issued: Callable[..., tuple[int, dict[str, object]]],
) -> None:
    assert issued(scope="openid uploads:read")[1]["scopes"] == ["uploads:read"]
    assert issued(scope="uploads:write")[0] == 403
    assert issued(scope="admin")[0] == 403  # a member has no `admin` to narrow to
    assert len(issued(scope="openid profile")[1]["scopes"]) > 5  # type: ignore[arg-type]


def test_a_disabled_user_is_not_let_in_by_the_issuer(
    issued: Callable[..., tuple[int, dict[str, object]]], room: AccountsRoom
) -> None:
    assert issued()[0] == 200
    users.disable(room, "person@example.org")
    assert issued()[0] == 401
