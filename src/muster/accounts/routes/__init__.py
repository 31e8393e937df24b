"""Every route of accounts, a file for each subject."""

from fastapi import APIRouter

from muster.accounts.guard import Guard
from muster.accounts.room import AccountsRoom
from muster.accounts.routes import activity, browser, keys, oidc, sign_in
from muster.web.idempotency import Idempotency


def router(room: AccountsRoom, guard: Guard, idempotency: Idempotency) -> APIRouter:
    """The routes, bound to their room."""
    routes = APIRouter()
    for part in (
        sign_in.router(room, guard),
        browser.router(room, guard),
        oidc.router(room),
        keys.router(room, guard, idempotency),
        activity.router(room, guard),
    ):
        # Flat, not included: the application walks one list of routes.
        routes.routes.extend(part.routes)
    return routes
