"""Pages of other sites may call the API only if their origin is listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from muster.settings import Settings
from tests.support.app import BATCH, UNKNOWN_UPLOAD, RunningApp, running

STUDIO = "https://studio.example.org"
OTHER = "https://elsewhere.example.org"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, content-encoding, idempotency-key",
}


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[RunningApp]:
    def bug() -> None:
        raise ValueError("a bug")

    with running(tmp_path / "data", cors_origins=[STUDIO], rate_limits="100/hour") as started:
        started.app.router.routes.append(APIRoute("/api/bug", bug))
        yield started


def test_by_default_no_origin_is_allowed(app: RunningApp) -> None:
    for method, path in (("GET", "/api/health/live"), ("GET", "/api/nowhere"), ("OPTIONS", BATCH)):
        answer = app.ask(method, path, {"Origin": STUDIO, **PREFLIGHT})
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_listed_origin_may_ask_and_read(listed: RunningApp) -> None:
    ana = listed.person("ana@example.com")
    answer = listed.ask("GET", BATCH, {"Origin": STUDIO, **ana.headers})
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == STUDIO
    assert "Origin" in answer.headers["vary"]
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert exposed >= {"x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "idempotency-replayed"}
    # Keys travel in a header, never in a cookie that other sites could ride on.
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_preflight_of_a_listed_origin_passes(listed: RunningApp, method: str) -> None:
    answer = listed.ask(
        "OPTIONS", BATCH, {"Origin": STUDIO, **PREFLIGHT, "Access-Control-Request-Method": method}
    )
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == STUDIO
    assert method in answer.headers["access-control-allow-methods"]
    assert "idempotency-key" in answer.headers["access-control-allow-headers"].lower()
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "origin", [OTHER, "null", "http://studio.example.org", f"{STUDIO}:8443", f"{STUDIO}.evil.example", ""]
)
def test_an_origin_that_is_not_listed_gets_nothing(listed: RunningApp, origin: str) -> None:
    simple = listed.ask("GET", "/api/health/live", {"Origin": origin})
    preflight = listed.ask("OPTIONS", BATCH, {"Origin": origin, **PREFLIGHT})
    assert "access-control-allow-origin" not in simple.headers
    assert "access-control-allow-origin" not in preflight.headers
    assert preflight.status == 400


def test_failures_can_be_read_by_the_page_too(listed: RunningApp) -> None:
    ana = listed.person("ana@example.com")
    cases = {
        400: ("GET", f"{BATCH}?limit=0", ana.headers),
        401: ("GET", BATCH, {}),
        404: ("GET", f"{BATCH}/{UNKNOWN_UPLOAD}", ana.headers),
        405: ("PUT", BATCH, ana.headers),
        406: ("GET", BATCH, {**ana.headers, "Accept": "image/png"}),
        415: ("POST", BATCH, {**ana.headers, "Content-Type": "text/plain"}),
        500: ("GET", "/api/bug", {}),
    }
    for status, (method, target, headers) in cases.items():
        answer = listed.ask(method, target, {**headers, "Origin": STUDIO})
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == STUDIO, status
    broken_address = listed.ask("GET", "/api/%zz", {"Origin": STUDIO})
    assert (broken_address.status, broken_address.headers["access-control-allow-origin"]) == (400, STUDIO)


def test_a_star_allows_every_origin(tmp_path: Path) -> None:
    with running(tmp_path / "data", cors_origins=["*"]) as app:
        for origin in (STUDIO, OTHER):
            answer = app.ask("GET", "/api/health/live", {"Origin": origin})
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers


def test_an_options_that_is_no_preflight_is_answered_as_ever(listed: RunningApp) -> None:
    answer = listed.ask("OPTIONS", BATCH, {"Origin": STUDIO})
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert answer.headers["access-control-allow-origin"] == STUDIO


def test_the_setting_takes_origins_separated_by_commas(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, cors_origins=f" {STUDIO}/ , {OTHER},")  # type: ignore[arg-type]
    assert chosen.cors_origins == [STUDIO, OTHER]
