"""Users: make, find, disable, set a password, and first sight of a person from the outside issuer."""

from muster.accounts import audit
from muster.accounts.model import (
    OutsideIdentity,
    Principal,
    Role,
    User,
    is_same_mailbox,
    parse_email,
    scopes_of,
)
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory, Owned
from muster.errors import Conflict, Forbidden, InputError, NotFound
from muster.ids import new_user_id


def by_command_line(user: User) -> Principal:
    """The operator at the command line, acting on a user's account."""
    return Principal(user.id, scopes_of(user.role), "cli")


def create(room: AccountsRoom, email: str, *, password: str | None = None, role: Role | None = None) -> User:
    """Make a user, who can sign in by `password` or, without one, by link or outside issuer only.

    role: None makes the very first user the owner and everybody after a member.
    Raises InputError for an odd address or unfit password, Conflict (`email_taken`).
    """
    address = parse_email(email)
    # Hashing takes tens of milliseconds: before the transaction, not inside it.
    password_hash = None if password is None else room.passwords.hash(password)
    now = room.clock()
    with room.db.begin() as connection:
        directory = Directory(connection)
        chosen = role or (Role.MEMBER if directory.count_users() else Role.OWNER)
        user = User(new_user_id(), address, chosen, now)
        directory.add_user(user, password_hash=password_hash)
        audit.record(connection, by_command_line(user), "user.created", user.id, {"role": chosen.value}, now)
    return user


def find(room: AccountsRoom, email: str) -> User:
    """The user of an address, however it is written; raises NotFound (`user_not_found`)."""
    address = parse_email(email)
    with room.db.read() as connection:
        user = Directory(connection).user_by_email(address)
    if user is None:
        raise NotFound("There is no user with this e-mail address.", code="user_not_found")
    return user


def find_all(room: AccountsRoom) -> list[User]:
    """Every user, oldest first; for the command line."""
    with room.db.read() as connection:
        return Directory(connection).list_users()


def disable(room: AccountsRoom, email: str) -> User:
    """Shut a user out at once: keys and tokens stop working, sessions and open links end. Nothing is deleted."""
    user = find(room, email)
    now = room.clock()
    with room.db.begin() as connection:
        Directory(connection).set_disabled(user.id, now)
        Owned(connection, user.id).drop_links()
        ended = Owned(connection, user.id).end_sessions()
        audit.record(
            connection, by_command_line(user), "user.disabled", user.id, {"sessions_ended": ended}, now
        )
    return user


def enable(room: AccountsRoom, email: str) -> User:
    """Let a disabled user in again; their keys work as before."""
    user = find(room, email)
    now = room.clock()
    with room.db.begin() as connection:
        Directory(connection).set_disabled(user.id, None)
        audit.record(connection, by_command_line(user), "user.enabled", user.id, {}, now)
    return user


def set_password(
    room: AccountsRoom, principal: Principal, password: str, *, keep_session: str | None = None
) -> int:
    """Set a new password; ends every session but `keep_session` (a token hash) and all open links.

    Answers how many sessions ended. Raises InputError for an unfit password.
    """
    password_hash = room.passwords.hash(password, field="new_password")
    now = room.clock()
    with room.db.begin() as connection:
        Directory(connection).set_password_hash(principal.user_id, password_hash)
        owned = Owned(connection, principal.user_id)
        owned.drop_links()
        ended = owned.end_sessions(keep=keep_session)
        audit.record(
            connection, principal, "user.password_set", principal.user_id, {"sessions_ended": ended}, now
        )
    return ended


def from_outside(room: AccountsRoom, identity: OutsideIdentity) -> User:
    """The user behind a verified outside identity, made or linked on first sight.

    Found by (issuer, subject) only, whatever the address says today. On first sight an existing user of the
    same address is linked if the issuer vouches for the address; otherwise that would hand the account to
    anybody who can type an address into the issuer. Raises Forbidden saying which of these failed.
    """
    with room.db.read() as connection:
        known = Directory(connection).user_by_subject(identity.issuer, identity.subject)
    if known is not None:
        return known
    email = _address_of(identity)
    now = room.clock()
    try:
        with room.db.begin() as connection:
            directory = Directory(connection)
            # Another request may have been first since we looked. By subject last: on PostgreSQL each
            # statement sees what was committed before it, so whoever made the user of this address is seen.
            user = directory.user_by_email(email)
            known = directory.user_by_subject(identity.issuer, identity.subject)
            if known is not None:
                return known
            if user is None:
                user = User(new_user_id(), email, Role.MEMBER, now)
                directory.add_user(user, password_hash=None, issuer=identity.issuer, subject=identity.subject)
                action = "user.created"
            else:
                _check_may_link(identity, email, user)
                if not directory.attach_subject(user.id, identity.issuer, identity.subject):
                    known = directory.user_by_subject(identity.issuer, identity.subject)
                    if known is not None:
                        return known
                    raise Forbidden(
                        "The user with this e-mail address is tied to another identity at the issuer. "
                        "Ask the owner of this installation.",
                        code="oidc_identity_clash",
                    )
                action = "user.linked"
            by_token = Principal(user.id, scopes_of(user.role), "oidc")
            audit.record(connection, by_token, action, user.id, {}, now)
            return user
    except Conflict:
        # PostgreSQL lets two first sights race to the insert; the other one won and is committed.
        with room.db.read() as connection:
            known = Directory(connection).user_by_subject(identity.issuer, identity.subject)
        if known is None:
            raise
        return known


def _address_of(identity: OutsideIdentity) -> str:
    try:
        email = parse_email(identity.email or "")
    except InputError as error:
        raise Forbidden(
            "The token has no usable `email` claim, which the first sign-in needs. "
            "Let the issuer put it into the token.",
            code="oidc_email_missing",
        ) from error
    if identity.email_verified is False:
        raise Forbidden(
            "The issuer says this e-mail address is not verified. Verify it there first.",
            code="oidc_email_unverified",
        )
    return email


def _check_may_link(identity: OutsideIdentity, email: str, user: User) -> None:
    if identity.email_verified is not True or not is_same_mailbox(email, user.email):
        raise Forbidden(
            "There is already a user with this e-mail address, and the issuer does not vouch "
            "(`email_verified`) that it is yours. Verify the address at the issuer.",
            code="oidc_email_unverified",
        )
