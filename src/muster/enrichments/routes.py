"""Routes of enrichment (API.md, section 6)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.enrichments import connection_routes, forget, openapi, wire, wire_estimate, wire_providers
from muster.enrichments.choose import terms_under
from muster.enrichments.control import cancel, pause, resume
from muster.enrichments.estimate import estimate
from muster.enrichments.read import get_run, is_at_rest, list_runs, missed
from muster.enrichments.requests import (
    RunRequest,
    parse_erase,
    parse_retry,
    parse_run,
    parse_statuses,
    parse_terms,
)
from muster.enrichments.retry import retry_failed
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.start import Also, start
from muster.enrichments.store import ListedRun, RunFilter
from muster.web.body import read_small_json
from muster.web.events import ServerEvent, event_stream, last_event_id
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

ENRICHMENTS = "/api/audience/enrichments"
ONE = f"{ENRICHMENTS}/{{run_id}}"


def router(room: EnrichmentsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (
        connection_routes.router(room, guard),
        _reading_routes(room, guard),
        _starting_routes(room, guard),
        _steering_routes(room, guard),
    ):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _reading_routes(room: EnrichmentsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["enrichments"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.ENRICHMENTS_READ))]

    @api.get(f"{ENRICHMENTS}/providers", response_model=wire_providers.ProvidersJson, **openapi.PROVIDERS)
    def providers(principal: reader) -> Response:
        del principal
        return _shown(wire_providers.providers_json(list(room.providers.values())))

    @api.post(
        f"{ENRICHMENTS}/providers/terms", response_model=wire_providers.TermsAnswerJson, **openapi.TERMS
    )
    def terms(principal: reader, body: Annotated[bytes, Depends(read_small_json)]) -> Response:
        del principal
        return _shown(wire_providers.terms_answer(terms_under(room, *parse_terms(body))))

    @api.get(f"{ENRICHMENTS}/cache", response_model=wire.CacheJson, **openapi.CACHE)
    def cached(principal: reader) -> Response:
        return _shown(wire.cache_json(forget.count(room, principal)))

    @api.get(ENRICHMENTS, response_model=wire.RunsJson, **openapi.LIST)
    def list_(
        principal: reader,
        upload_id: Annotated[str | None, Query(description="Only runs over this upload.")] = None,
        status: Annotated[str | None, Query(description="Statuses between commas.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="Runs a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        wanted = RunFilter(upload_id, parse_statuses(status))
        after = None if cursor is None else Cursor.decode(cursor)
        return _shown(wire.runs_json(list_runs(room, principal, wanted, limit, after), room.providers))

    @api.get(ONE, response_model=wire.RunAnswerJson, **openapi.GET)
    def get(principal: reader, run_id: str) -> Response:
        return _shown(wire.run_answer(*get_run(room, principal, run_id), room.providers))

    @api.get(f"{ONE}/events", **openapi.EVENTS)
    def events(principal: reader, request: Request, run_id: str) -> Response:
        get_run(room, principal, run_id)

        def read(number: int) -> Sequence[ServerEvent]:
            found = missed(room, principal, run_id, number)
            return [ServerEvent(event.number, event.kind.value, event.data) for event in found]

        def is_over() -> bool:
            return is_at_rest(room, principal, run_id)

        return event_stream(request, read, is_over, last_event_id(request))

    return api


def _starting_routes(room: EnrichmentsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["enrichments"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.ENRICHMENTS_WRITE))]
    sent = Annotated[bytes, Depends(read_small_json)]

    def once(
        principal: Principal, request: Request, body: bytes, begin: Callable[[Also], ListedRun]
    ) -> Response:
        """Start a run once for each Idempotency-Key; answers 202 with it."""
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, listed: ListedRun) -> None:
                remember(connection, Answer(202, wire.run_answer(listed, None, room.providers)))

            return Answer(202, wire.run_answer(begin(also), None, room.providers))

        return response_of(room.idempotency.once(keyed, work))

    @api.post(f"{ENRICHMENTS}/estimate", response_model=wire_estimate.EstimateJson, **openapi.ESTIMATE)
    def estimate_(principal: writer, request: Request, body: sent) -> Response:
        key_of(
            request
        )  # nothing is kept, so nothing need be remembered; an unusable key is refused all the same
        return _estimated(room, principal, parse_run(body))

    @api.post(ENRICHMENTS, status_code=202, response_model=wire.RunAnswerJson, **openapi.CREATE)
    def create(principal: writer, request: Request, body: sent) -> Response:
        asked = parse_run(body)
        if asked.is_dry:
            return _estimated(room, principal, asked)
        return once(principal, request, body, lambda also: start(room, principal, asked.wanted, also))

    @api.post(f"{ONE}/retry-failed", status_code=202, response_model=wire.RunAnswerJson, **openapi.RETRY)
    def retry(principal: writer, request: Request, run_id: str, body: sent) -> Response:
        asked = parse_retry(body)
        return once(
            principal,
            request,
            body,
            lambda also: retry_failed(
                room,
                principal,
                run_id,
                codes=asked.codes,
                step=asked.step,
                budget_micros=asked.budget_micros,
                also=also,
            ),
        )

    return api


def _steering_routes(room: EnrichmentsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["enrichments"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.ENRICHMENTS_WRITE))]

    @api.post(f"{ONE}/cancel", status_code=202, response_model=wire.RunAnswerJson, **openapi.CANCEL)
    def cancel_(principal: writer, run_id: str) -> Response:
        return _shown(wire.run_answer(*cancel(room, principal, run_id), room.providers), 202)

    @api.post(f"{ONE}/pause", status_code=202, response_model=wire.RunAnswerJson, **openapi.PAUSE)
    def pause_(principal: writer, run_id: str) -> Response:
        return _shown(wire.run_answer(*pause(room, principal, run_id), room.providers), 202)

    @api.post(f"{ONE}/resume", status_code=202, response_model=wire.RunAnswerJson, **openapi.RESUME)
    def resume_(principal: writer, run_id: str) -> Response:
        return _shown(wire.run_answer(*resume(room, principal, run_id), room.providers), 202)

    @api.delete(f"{ENRICHMENTS}/cache", response_model=wire.CacheErasedJson, **openapi.ERASE)
    def erase(principal: writer, body: Annotated[bytes, Depends(read_small_json)]) -> Response:
        return _shown(wire.erased_json(forget.erase(room, principal, parse_erase(body))))

    return api


def _estimated(room: EnrichmentsRoom, principal: Principal, asked: RunRequest) -> Response:
    found = estimate(room, principal, asked.wanted, sample=asked.sample, ask_paid=asked.ask_paid)
    return _shown(wire_estimate.estimate_json(found))


def _shown(body: bytes, status: int = 200) -> Response:
    return response_of(Answer(status, body))
