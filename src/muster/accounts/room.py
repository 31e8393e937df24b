"""What the accounts room needs; made once by the wiring."""

from dataclasses import dataclass, field
from datetime import timedelta

from muster.accounts.last_use import LastUse
from muster.accounts.oidc import OidcVerifier
from muster.accounts.oidc_sign_in import OidcSignIn
from muster.accounts.passwords import Passwords
from muster.accounts.throttle import SignInThrottle
from muster.clock import Clock, utc_now
from muster.db.database import Database


@dataclass(frozen=True, slots=True)
class AccountsRoom:
    """Plain values and the few long-lived objects of accounts.

    base_url: the address people see, without a slash at the end; for links and the CSRF check.
    secure_cookies: False only on plain-http loopback, see `sessions.needs_secure_cookie`.
    session_life, session_idle: absolute and idle end of a browser session.
    link_life: of a one-time sign-in link. upload_token_life: of an upload's session token.
    oidc: verifies JWTs of the configured issuer; None when there is none. oidc_sign_in: the same issuer's
    button on the sign-in page. request_log_life: how long requests are remembered, zero: not at all;
    request_log_rows: of one user, at most.
    """

    db: Database
    base_url: str = "http://localhost:3000"
    secure_cookies: bool = True
    session_life: timedelta = timedelta(hours=24 * 14)
    session_idle: timedelta = timedelta(hours=72)
    link_life: timedelta = timedelta(hours=24)
    upload_token_life: timedelta = timedelta(hours=24)
    oidc: OidcVerifier | None = None
    oidc_sign_in: OidcSignIn | None = None
    request_log_life: timedelta = timedelta(days=7)
    request_log_rows: int = 10_000
    clock: Clock = utc_now
    passwords: Passwords = field(default_factory=Passwords)
    throttle: SignInThrottle = field(default_factory=SignInThrottle)
    last_use: LastUse = field(default_factory=LastUse)
