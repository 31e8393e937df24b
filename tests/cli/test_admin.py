"""`muster admin` as scripts use it: before the server ever ran, and while it runs."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from muster.accounts import links, sign_in
from muster.accounts.authenticate import authenticate
from muster.accounts.model import Role, Scope, scopes_of
from muster.accounts.room import AccountsRoom
from muster.cli.admin import admin
from muster.db.database import Database
from muster.errors import NotSignedIn

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `muster admin ...` against a database without rows."""
    return commands_on(database_url, tmp_path, monkeypatch)


def commands_on(database_url: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(directory)  # no .env or muster.toml of the developer
    monkeypatch.setenv("MUSTER_DATABASE_URL", database_url)

    def run(*arguments: str, typed: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(admin, list(arguments), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def room(database: Database) -> AccountsRoom:
    """The same database as a running server sees it."""
    return AccountsRoom(db=database)


def facts(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refusal(result: Result, exit_code: int) -> str:
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("muster: ")
    return lines[0]


def test_from_nothing_to_a_working_key_in_two_commands(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = commands_on(empty_database_url, tmp_path, monkeypatch)
    user = facts(run("user", "create", "me@example.org", "--json"))
    assert user["role"] == "owner"
    made = facts(run("key", "create", "--user", "ME@example.org", "--json"))
    with closing(Database(empty_database_url)) as database:
        principal = authenticate(AccountsRoom(db=database), made["key"])
    assert principal.user_id == user["id"]
    assert principal.scopes == scopes_of(Role.OWNER)


def test_plain_output_of_key_create_is_the_key_alone(run: Run, room: AccountsRoom) -> None:
    run("user", "create", "me@example.org")
    printed = run(
        "key", "create", "--user", "me@example.org", "--scopes", "uploads:read, uploads:write"
    ).stdout
    assert printed == f"{printed.strip()}\n"
    assert authenticate(room, printed.strip()).scopes == {Scope.UPLOADS_READ, Scope.UPLOADS_WRITE}


def test_the_first_user_is_the_owner_unless_told_otherwise(run: Run) -> None:
    assert facts(run("user", "create", "a@example.org", "--role", "member", "--json"))["role"] == "member"
    assert facts(run("user", "create", "b@example.org", "--json"))["role"] == "member"
    assert facts(run("user", "create", "c@example.org", "--role", "owner", "--json"))["role"] == "owner"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "", "\nsecond line\n"], ids=repr)
def test_a_password_is_the_first_line_of_standard_input(run: Run, room: AccountsRoom, ending: str) -> None:
    run("user", "create", "me@example.org", "--password-stdin", typed=f"correct horse{ending}")
    assert sign_in.by_password(room, "me@example.org", "correct horse", address="192.0.2.1")


def test_an_unfit_password_makes_no_user(run: Run) -> None:
    for typed in ("", "short\n", "x" * 2000, b"\xff\xfe not utf-8\n"):
        result = run("user", "create", "me@example.org", "--password-stdin", typed=typed)
        refusal(result, 2)
    assert facts(run("user", "list", "--json")) == {"users": []}


def test_the_password_is_set_anew(run: Run, room: AccountsRoom) -> None:
    run("user", "create", "me@example.org", "--password-stdin", typed="correct horse\n")
    assert run("user", "password", "me@example.org").exit_code == 2
    facts(run("user", "password", "me@example.org", "--password-stdin", "--json", typed="another horse\n"))
    with pytest.raises(NotSignedIn):
        sign_in.by_password(room, "me@example.org", "correct horse", address="192.0.2.1")
    assert sign_in.by_password(room, "me@example.org", "another horse", address="192.0.2.1")


def test_a_link_signs_in(run: Run, room: AccountsRoom) -> None:
    run("user", "create", "me@example.org")
    link = run("user", "link", "me@example.org").stdout.strip()
    address, _, token = link.partition("#")
    assert address == "http://localhost:3000/sign-in"
    assert links.sign_in(room, token).user.email == "me@example.org"


def test_a_disabled_user_is_out_until_enabled(run: Run, room: AccountsRoom) -> None:
    run("user", "create", "me@example.org")
    key = facts(run("key", "create", "--user", "me@example.org", "--json"))["key"]
    facts(run("user", "disable", "me@example.org", "--json"))
    with pytest.raises(NotSignedIn):
        authenticate(room, key)
    assert "disabled" in refusal(run("user", "link", "me@example.org"), 1)
    facts(run("user", "enable", "me@example.org", "--json"))
    assert authenticate(room, key)


def test_keys_are_listed_without_their_secrets_and_revoked(run: Run, room: AccountsRoom) -> None:
    run("user", "create", "me@example.org")
    options = (
        "--name",
        "importer",
        "--expires-days",
        "30",
        "--row-quota",
        "1000",
        "--scopes",
        "uploads:write",
    )
    made = facts(run("key", "create", "--user", "me@example.org", *options, "--json"))
    listed = run("key", "list", "--user", "me@example.org", "--json")
    assert made["key"].rpartition("_")[2] not in listed.stdout
    entry = facts(listed)["keys"][0]
    assert (entry["name"], entry["row_quota"], entry["scopes"]) == ("importer", 1000, ["uploads:write"])
    assert entry["expires_at"] is not None
    facts(run("key", "revoke", made["id"], "--json"))
    assert facts(run("key", "list", "--user", "me@example.org", "--json"))["keys"][0]["revoked_at"]
    with pytest.raises(NotSignedIn):
        authenticate(room, made["key"])


def test_a_list_in_a_pipe_is_plain_columns_and_says_when_it_is_empty(run: Run) -> None:
    assert run("user", "list").stdout == "No users.\n"
    run("user", "create", "me@example.org")
    header, row = run("user", "list").stdout.splitlines()
    cells = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    assert (cells["email"], cells["role"], cells["disabled_at"]) == ("me@example.org", "owner", "-")


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("user", "create", "no address"), 2),
        (("user", "disable", "nobody@example.org"), 1),
        (("user", "link", "nobody@example.org"), 1),
        (("key", "create", "--user", "nobody@example.org"), 1),
        (("key", "list", "--user", "nobody@example.org"), 1),
        (("key", "revoke", "AAAAAAAA"), 1),
        (("key", "revoke", "no id\0"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_refusal_is_one_line_on_stderr(run: Run, arguments: tuple[str, ...], exit_code: int) -> None:
    refusal(run(*arguments, "--json"), exit_code)


def test_refusals_about_an_existing_user(run: Run) -> None:
    run("user", "create", "owner@example.org")
    run("user", "create", "me@example.org")
    assert "already" in refusal(run("user", "create", "ME@example.org"), 1)
    assert "admin" in refusal(run("key", "create", "--user", "me@example.org", "--scopes", "admin"), 1)
    for scopes in ("root", "", "all,root"):
        refusal(run("key", "create", "--user", "me@example.org", "--scopes", scopes), 2)
    refusal(run("key", "create", "--user", "me@example.org", "--name", " "), 2)
    assert facts(run("key", "list", "--user", "me@example.org", "--json")) == {"keys": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "create"),
        ("user", "frobnicate"),
        ("user", "create", "a@b.c", "--role", "king"),
        ("key", "create"),
        ("key", "create", "--user", "a@b.c", "--expires-days", "0"),
        ("key", "create", "--user", "a@b.c", "--row-quota", "-5"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(admin, list(arguments)).exit_code == 2


def test_settings_that_cannot_be_used_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_PORT", "not a number")
    assert "MUSTER_PORT" in refusal(CliRunner().invoke(admin, ["user", "list"]), 2)
    monkeypatch.delenv("MUSTER_PORT")
    monkeypatch.setenv("MUSTER_OIDC_ISSUER", "https://issuer.example.org")
    assert "MUSTER_OIDC_AUDIENCE" in refusal(CliRunner().invoke(admin, ["user", "list"]), 2)


def test_migrating_is_harmless_twice(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = commands_on(empty_database_url, tmp_path, monkeypatch)
    assert run("migrate").stdout == "The database is up to date.\n"
    assert facts(run("migrate", "--json")) == {"up_to_date": True}
