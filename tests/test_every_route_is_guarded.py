"""No route is open by accident: each names its scope, or stands in the list of public ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from muster.accounts.guard import SignedIn
from muster.accounts.model import Scope
from muster.app import PUBLIC_PATHS
from tests.support.app import RunningApp, running, with_unknown_ids

# Guarded by their own words instead of a dependency: /metrics, whose answer depends on the address.
_OPEN_TO_LOOPBACK = {"/metrics"}
# There for each file of Studio's build, by its name.
_NEED_A_NAME = {"/assets/{name}"}
# There only with an issuer, which this application has none of: 404 to everybody.
_NEED_AN_ISSUER = {"/api/auth/oidc/start", "/api/auth/oidc/callback"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    path: Path = tmp_path_factory.mktemp("guarded")
    with running(path / "data") as started:
        yield started


def guards(route: APIRoute) -> list[SignedIn]:
    return [part.call for part in route.dependant.dependencies if isinstance(part.call, SignedIn)]


def test_every_route_names_its_scope_or_is_listed_as_public(app: RunningApp) -> None:
    for route in app.routes:
        assert len(guards(route)) == (0 if route.path in PUBLIC_PATHS else 1), route.path
        for guard in guards(route):
            assert guard.muster_scope is None or isinstance(guard.muster_scope, Scope)


def test_the_guard_is_the_first_dependency_so_nothing_is_read_before_it(app: RunningApp) -> None:
    for route in app.routes:
        if guards(route):
            assert isinstance(route.dependant.dependencies[0].call, SignedIn), route.path


def test_every_public_path_exists(app: RunningApp) -> None:
    assert {route.path for route in app.routes} >= PUBLIC_PATHS


def test_there_is_no_door_beside_the_routes(app: RunningApp) -> None:
    # Mounted applications and websockets would not be walked by the tests of this file.
    assert len(app.routes) == len(app.app.router.routes)


def test_without_a_token_every_guarded_route_says_401_before_it_reads(app: RunningApp) -> None:
    tried = 0
    for route in app.routes:
        for method in (route.methods or set()) if route.path not in PUBLIC_PATHS else ():
            for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "muster_session=nonsense"}):
                answer = app.ask(method, with_unknown_ids(route.path), headers, [b"{", b"}"])
                assert (answer.status, answer.pieces_read) == (401, 0), (method, route.path)
                assert answer.headers["www-authenticate"] == "Bearer"
                tried += 1
    assert tried > 30


def test_public_routes_answer_a_stranger(app: RunningApp) -> None:
    for route in app.routes:
        if route.path in _NEED_AN_ISSUER | _NEED_A_NAME:
            assert app.ask("GET", route.path).status == 404, route.path
        elif route.path in PUBLIC_PATHS - _OPEN_TO_LOOPBACK and "GET" in (route.methods or ()):
            assert app.ask("GET", route.path).status in {200, 307}, route.path
