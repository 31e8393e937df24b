"""MAP: the ASGI application: routers, order of middleware, background work, public routes."""

import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Final

import anyio.to_thread
import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from muster import __version__
from muster.accounts import routes as account_routes
from muster.accounts.model import Scope
from muster.accounts.sweep import sweep as sweep_accounts
from muster.clock import utc_now
from muster.db import migrate
from muster.db.instance import instance_id
from muster.enrichments import routes as enrichment_routes
from muster.errors import Issue, Unavailable
from muster.exports import routes as export_routes
from muster.jobs.read import load
from muster.logs import configure
from muster.objects.belonging import claim
from muster.rules import routes as rule_routes
from muster.segments import routes as segment_routes
from muster.settings import Settings, load_settings
from muster.tables import routes as table_routes
from muster.tables.reading import warm_up
from muster.tables.store import totals as table_totals
from muster.uploads import routes as upload_routes
from muster.uploads.store import totals
from muster.uploads.sweep import sweep
from muster.uploads.tus import ANSWER_HEADERS as TUS_ANSWER_HEADERS
from muster.uploads.tus import REQUEST_HEADERS as TUS_REQUEST_HEADERS
from muster.web import docs_page, errors, metrics, studio
from muster.web.compress import Compress
from muster.web.last_resort import LastResort
from muster.web.observe import Observe
from muster.web.openapi import document
from muster.web.paths import keep_fixed_words_apart
from muster.wiring import House, build_house

log = structlog.get_logger("muster.app")

_WARM_UP_AFTER_SECONDS: Final = 2.0

PUBLIC_PATHS: Final = frozenset(
    {
        "/docs",
        "/docs/style.css",
        "/metrics",
        "/api/health/live",
        "/api/health/ready",
        "/api/openapi.json",
        "/api/auth/sign-in",
        "/api/auth/methods",
        "/api/auth/open",
        "/api/auth/oidc/start",
        "/api/auth/oidc/callback",
        *studio.paths(),
    }
)
"""Routes anyone may call; every other one names its scope (tests/test_every_route_is_guarded.py)."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; `uvicorn --factory muster.app:create_app` works too, without the data lock."""
    settings = settings or load_settings()
    configure(settings.log_level, settings.log_format)
    house = build_house(settings)
    app = FastAPI(
        title="Muster",
        version=__version__,
        description="Audience data: upload, check, read back and delete batches of records.",
        lifespan=lambda _app: _lifespan(house),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    errors.install(app)
    for router in (
        upload_routes.router(house.uploads, house.guard, house.bodies),
        table_routes.router(house.reading, house.guard, house.bodies, house.idempotency),
        rule_routes.router(house.rules, house.guard),
        enrichment_routes.router(house.enrichments, house.guard),
        segment_routes.router(house.segments, house.guard, house.bodies),
        export_routes.router(house.exports, house.guard),
        account_routes.router(house.accounts, house.guard, house.idempotency),
        _own_routes(app, house),
        studio.router(settings.studio_dir or studio.PACKAGED),
    ):
        # Flat, not included: the route table is then one list, which 405 and the guard test walk.
        app.router.routes.extend(router.routes)
    keep_fixed_words_apart(route for route in app.router.routes if isinstance(route, APIRoute))
    # Last added is outermost.
    app.add_middleware(LastResort)
    app.add_middleware(Compress, minimum_size=1024, compresslevel=1)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Content-Encoding",
                "Idempotency-Key",
                "X-Request-Id",
                "If-None-Match",
                "Last-Event-ID",
                *TUS_REQUEST_HEADERS,
            ],
            expose_headers=[
                "X-Request-Id",
                "Retry-After",
                "RateLimit",
                "RateLimit-Policy",
                "Idempotency-Replayed",
                "ETag",
                *TUS_ANSWER_HEADERS,
            ],
            max_age=600,
        )
    app.add_middleware(Observe, note=house.requests.note if settings.request_log_days else None)
    app.state.house = house

    @cache
    def described() -> dict[str, Any]:
        # Once: it takes tens of milliseconds and anyone may ask.
        return document(app, PUBLIC_PATHS)

    app.openapi = described  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(house: House) -> AsyncIterator[None]:
    """Bring the schema up to date before serving."""
    # Handlers are threads that mostly wait for the disk; the database pool is sized to match.
    anyio.to_thread.current_default_thread_limiter().total_tokens = 40
    await anyio.to_thread.run_sync(prepare, house)
    house.requests.start()
    log.info("server.started", version=__version__)
    # Loading the engine takes a second or two of processor: not before the first clients are served.
    warming = threading.Timer(_WARM_UP_AFTER_SECONDS, warm_up, [house.reading])
    warming.daemon = True
    warming.start()
    try:
        yield
    finally:
        warming.cancel()
        await anyio.to_thread.run_sync(warming.join)  # it uses the engine that is closed next
        house.close()
        log.info("server.stopped")


def prepare(house: House) -> None:
    """Bring the schema up to date and make sure that database and objects belong together."""
    migrate.upgrade(house.db)
    claim(house.objects, instance_id(house.db))


def sweep_all(house: House, *, alone: bool) -> None:
    """One round of tidying in every room; `alone` as in `uploads.sweep`."""
    sweep(house.uploads, alone=alone)
    sweep_accounts(house.accounts)


def _own_routes(app: FastAPI, house: House) -> APIRouter:
    api = APIRouter(tags=["server"])

    @api.get("/api/health/live", operation_id="live", summary="Is the process running?")
    async def live() -> dict[str, str]:
        return {"status": "success"}

    @api.get("/api/health/ready", operation_id="ready", summary="Can it serve?")
    def ready() -> Response:
        problems = house.readiness.problems()
        if problems:
            raise _not_ready(problems)
        return JSONResponse({"status": "success"})

    @api.get("/api/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(
            docs_page.render(app.openapi()), headers={"Content-Security-Policy": docs_page.CSP}
        )

    @api.get("/docs/style.css", include_in_schema=False)
    def docs_style() -> Response:
        return Response(docs_page.CSS, media_type="text/css")

    @api.get("/metrics", include_in_schema=False)
    def metrics_page(request: Request) -> Response:
        may_see_metrics(request, house)
        return Response(
            metrics.render(lambda: _store_sizes(house)), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    return api


def _not_ready(problems: Mapping[str, str]) -> Unavailable:
    issues = [
        Issue(None, name, "", code, f"The {name} cannot be used at the moment.")
        for name, code in problems.items()
    ]
    return Unavailable(
        f"Not ready: {', '.join(problems)} cannot be used at the moment. Ask again shortly.",
        code="not_ready",
        issues=issues,
        retry_after_seconds=5,
    )


def may_see_metrics(request: Request, house: House) -> None:
    """Metrics name no one, but they tell how busy the house is: loopback, admins, or all if so set.

    A proxy on this machine is loopback too; whom it speaks for is not.
    """
    address = request.client.host if request.client else ""
    is_forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
    is_local = address in {"127.0.0.1", "::1"} and not is_forwarded
    if not (house.settings.metrics_public or is_local):
        house.guard.signed_in(Scope.ADMIN)(request)


def _store_sizes(house: House) -> metrics.Asked:
    with house.db.read() as connection:
        uploads, records, stored_bytes = totals(connection)
        tables, table_bytes = table_totals(connection)
        jobs = load(connection, utc_now())
    return {
        ("muster_jobs", "Background jobs, by state; finished ones until they are forgotten."): {
            state.value: number for state, number in jobs.by_state.items()
        },
        ("muster_jobs_waited_seconds", "How long the oldest queued job has waited; 0: none waits."): (
            jobs.waited_seconds
        ),
        ("muster_tables_stored", "Tables kept."): tables,
        ("muster_table_bytes", "Bytes of the newest version of every table."): table_bytes,
        ("muster_uploads_stored", "Uploads kept."): uploads,
        ("muster_records_stored", "Accepted records kept."): records,
        ("muster_store_bytes", "Bytes of all stored objects."): stored_bytes,
        ("muster_body_bytes_in_flight", "Bytes of request bodies in memory of this process."): (
            house.bodies.budget.used_bytes
        ),
    }
