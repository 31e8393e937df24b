"""`muster admin`: users, API keys and migrations, straight on the database.

Works while the server runs and before it ever ran: each command opens the database the settings name and
brings its schema up to date first. Exit codes: 0 done, 1 failed, 2 wrong usage; errors are one line on stderr.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer

from muster.accounts import keys, links, users
from muster.accounts.model import ApiKey, Role, User, parse_scopes, scopes_of
from muster.accounts.room import AccountsRoom
from muster.cli.output import FAILED, WRONG_USAGE, explain, note, print_json, print_table, say
from muster.clock import rfc3339
from muster.db.cursors import Cursor
from muster.db.migrate import upgrade
from muster.errors import InputError, MusterError
from muster.settings import load_settings
from muster.wiring import accounts_room, open_database

admin = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Users, API keys and the database.")
user_commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Users of this installation.")
key_commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="API keys.")
admin.add_typer(user_commands, name="user")
admin.add_typer(key_commands, name="key")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]
OfUser = Annotated[str, typer.Option("--user", metavar="EMAIL", help="The user's e-mail address.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@contextmanager
def opened_room() -> Iterator[AccountsRoom]:
    """A room over a migrated database; turns refusals into one line on stderr and an exit code."""
    try:
        settings = load_settings()
        database = open_database(settings)
        try:
            upgrade(database)
            yield accounts_room(settings, database)
        finally:
            database.close()
    except (MusterError, OSError) as error:
        note(f"muster: {explain(error)}")
        raise typer.Exit(WRONG_USAGE if isinstance(error, InputError) else FAILED) from error


@user_commands.command("create")
def user_create(
    email: Email,
    password_stdin: PasswordStdin = False,
    role: Annotated[
        Role | None, typer.Option(help="Default: the very first user is the owner, all after are members.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a user; without a password, let them in with `user link`."""
    with opened_room() as room:
        password = _password_from_stdin() if password_stdin else None
        user = users.create(room, email, password=password, role=role)
        _print(as_json, _user_facts(user), f"Created {user.role.value} {user.email} ({user.id}).")


@user_commands.command("list")
def user_list(as_json: AsJson = False) -> None:
    """Every user, oldest first."""
    with opened_room() as room:
        _print_rows(as_json, "users", [_user_facts(user) for user in users.find_all(room)])


@user_commands.command("disable")
def user_disable(email: Email, as_json: AsJson = False) -> None:
    """Shut a user out at once; nothing of theirs is deleted."""
    with opened_room() as room:
        user = users.disable(room, email)
        _print(as_json, {"id": user.id, "disabled": True}, f"Disabled {user.email}.")


@user_commands.command("enable")
def user_enable(email: Email, as_json: AsJson = False) -> None:
    """Let a disabled user in again."""
    with opened_room() as room:
        user = users.enable(room, email)
        _print(as_json, {"id": user.id, "disabled": False}, f"Enabled {user.email}.")


@user_commands.command("password")
def user_password(email: Email, password_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Set a user's password from standard input; ends all their sessions."""
    if not password_stdin:
        raise typer.BadParameter("give the password on standard input, with --password-stdin")
    with opened_room() as room:
        user = users.find(room, email)
        ended = users.set_password(room, users.by_command_line(user), _password_from_stdin())
        _print(as_json, {"id": user.id, "sessions_ended": ended}, f"Password of {user.email} set.")


@user_commands.command("link")
def user_link(email: Email, as_json: AsJson = False) -> None:
    """Print a new sign-in link, good once and for 24 hours."""
    with opened_room() as room:
        user = users.find(room, email)
        link = links.address(room, links.issue_for(room, user, users.by_command_line(user)))
        _print(as_json, {"link": link}, link)


@key_commands.command("create")
def key_create(
    user: OfUser,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    scopes: Annotated[str, typer.Option(help="`all`, or scopes separated by commas.")] = "all",
    expires_days: Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it ends.")] = None,
    row_quota: Annotated[int | None, typer.Option(min=1, help="Records it may send in all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it, once."""
    with opened_room() as room:
        owner = users.find(room, user)
        names = [part.strip() for part in scopes.split(",") if part.strip()]
        wish = keys.KeyWish(
            name=name,
            scopes=scopes_of(owner.role) if names == ["all"] else parse_scopes(names),
            expires_at=None if expires_days is None else room.clock() + timedelta(days=expires_days),
            row_quota=row_quota,
        )
        made = keys.create(room, users.by_command_line(owner), wish)
        # Plain output is the key alone, so that KEY=$(muster admin key create ...) works.
        _print(as_json, {"key": made.text, **_key_facts(made.key)}, made.text)


@key_commands.command("list")
def key_list(user: OfUser, as_json: AsJson = False) -> None:
    """A user's keys, newest first, dead ones too."""
    with opened_room() as room:
        principal = users.by_command_line(users.find(room, user))
        found: list[ApiKey] = []
        cursor: Cursor | None = None
        while True:
            page, cursor, _ = keys.list_keys(room, principal, 1000, cursor)
            found += page
            if cursor is None:
                break
        _print_rows(as_json, "keys", [_key_facts(key) for key in found])


@key_commands.command("revoke")
def key_revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The 8 characters after `muster_`.")],
    as_json: AsJson = False,
) -> None:
    """Stop a key for good."""
    with opened_room() as room:
        key = keys.revoke_by_command_line(room, key_id)
        _print(as_json, {"id": key.id, "revoked": True}, f"Revoked {key.id}.")


@admin.command("migrate")
def migrate(as_json: AsJson = False) -> None:
    """Bring the database up to date; the server does so by itself at its start."""
    with opened_room():
        _print(as_json, {"up_to_date": True}, "The database is up to date.")


def _password_from_stdin() -> str:
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputError(
            "The password on standard input is not UTF-8 text.", code="password_unfit"
        ) from error


def _user_facts(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "role": user.role.value,
        "created_at": rfc3339(user.created_at),
        "disabled_at": None if user.disabled_at is None else rfc3339(user.disabled_at),
    }


def _key_facts(key: ApiKey) -> dict[str, object]:
    moments = {
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(scope.value for scope in key.scopes),
        "row_quota": key.row_quota,
        "rows_used": key.rows_used,
        **{name: None if moment is None else rfc3339(moment) for name, moment in moments.items()},
    }


def _print(as_json: bool, facts: Mapping[str, object], sentence: str) -> None:
    if as_json:
        print_json(facts)
    else:
        say(sentence)


def _print_rows(as_json: bool, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    if as_json:
        print_json({name: rows})
    elif not rows:
        say(f"No {name}.")
    else:
        print_table(list(rows[0]), [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list) else value
