"""A room with the real providers, a small app with the real routes, and a service to call."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from muster.accounts import keys
from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.enrichments.connection_routes import CONNECTIONS, router
from muster.enrichments.connections import load
from muster.enrichments.http.settings import HttpSettings
from muster.enrichments.providers import all_providers
from muster.enrichments.room import EnrichmentsRoom
from muster.web import errors as web_errors
from muster.wiring import House
from tests.accounts.conftest import CountingLimiter, bearer
from tests.support.enrich_server import Service, enrich_server

UNKNOWN = "con_0123456789abcdefghijkl"
HUSH = "sk-live-hush-4242"
ClientOf = Callable[..., TestClient]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with enrich_server() as running:
        yield running


@pytest.fixture
def calm(service: Service) -> Service:
    service.weather()
    return service


@pytest.fixture
def room(house: House) -> EnrichmentsRoom:
    return replace(house.enrichments, providers=all_providers(), allow_private_addresses=True)


@pytest.fixture
def app(room: EnrichmentsRoom, house: House) -> FastAPI:
    return app_of(room, house)


def app_of(room: EnrichmentsRoom, house: House) -> FastAPI:
    app = FastAPI()
    web_errors.install(app)
    app.include_router(router(room, Guard(house.accounts, CountingLimiter())))
    return app


@pytest.fixture
def client_of(app: FastAPI, house: House) -> ClientOf:
    """A client with a key of this user; every scope unless told."""

    def make(principal: Principal, *scopes: Scope, app: FastAPI = app) -> TestClient:
        wish = keys.KeyWish("test", frozenset(scopes) if scopes else principal.scopes)
        return TestClient(app, headers=bearer(keys.create(house.accounts, principal, wish).text))

    return make


def settings_for(
    url: str = "https://api.example.com/v1/companies/{domain}", **changes: Any
) -> dict[str, Any]:
    return {
        "url": url,
        "auth": {"kind": "bearer", "token": HUSH},
        "needs": [{"name": "domain", "title": "Domain"}],
        "outputs": [{"name": "company", "path": "$.company.name"}],
        **changes,
    }


def made(client: TestClient, name: str = "Registry", **changes: Any) -> dict[str, Any]:
    sent = {"provider": "http_json", "name": name, "settings": settings_for(**changes)}
    answer = client.post(CONNECTIONS, json=sent)
    assert answer.status_code == 201, answer.text
    assert HUSH not in answer.text
    kept: dict[str, Any] = answer.json()["connection"]
    return kept


def whole(room: EnrichmentsRoom, principal: Principal, connection_id: str) -> HttpSettings:
    with room.db.read() as connection:
        provider, settings = load(room, connection, principal.user_id, connection_id)
    assert provider == "http_json"
    assert isinstance(settings, HttpSettings)
    return settings
