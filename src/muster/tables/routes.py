"""Routes of tables: windows, profile, edits and their log (API.md, section 4)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.errors import InputError, Issue, NotFound, UnsupportedMedia
from muster.tables import openapi, wire
from muster.tables.edit import Edited, edit
from muster.tables.layout import Layout
from muster.tables.profile import load_profile
from muster.tables.provenance import cells_of
from muster.tables.reading import ReadingRoom
from muster.tables.requests import (
    MAX_LIMIT,
    MAX_OFFSET,
    View,
    edits_of_body,
    undo_of_body,
    wish_of_body,
    wish_of_query,
)
from muster.tables.undo import changes, undo
from muster.tables.window import WindowWish, newest_layout, window
from muster.web.accept import JSON
from muster.web.body import BodyReader, is_json, media_type_of, read_small_json
from muster.web.idempotency import Answer, Idempotency, Keyed, fingerprint, key_of, response_of

TABLE = "/api/audience/batch-upload/{upload_id}"


def router(reading: ReadingRoom, guard: Guard, bodies: BodyReader, idempotency: Idempotency) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (
        _reading_routes(reading, guard, bodies),
        _changing_routes(reading, guard, bodies, idempotency),
    ):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def wish_of(
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET, description="First row, counted from 0.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows, at most.")] = 100,
    sort: Annotated[
        str | None, Query(description="`-employees,last_name`, or the same as JSON; see docs/api/filters.md.")
    ] = None,
    filter: Annotated[
        str | None, Query(description="The filter tree as JSON; see docs/api/filters.md.")
    ] = None,
    columns: Annotated[
        str | None, Query(description="Names between commas, or a JSON array of names; default: all.")
    ] = None,
    view: Annotated[View, Query(description="`issues`: only rows a rule warned about or fixed.")] = "all",
    exact_total: Annotated[bool, Query(description="Wait for an exact `total`.")] = False,
) -> WindowWish:
    return wish_of_query(
        offset=offset,
        limit=limit,
        sort=sort,
        filter_json=filter,
        columns=columns,
        view=view,
        exact_total=exact_total,
    )


def _rows_answer(reading: ReadingRoom, shape: Layout, wish: WindowWish, request: Request) -> Response:
    tag = wire.rows_etag(shape, wish)
    if _is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    found = window(reading, shape, wish)
    # An estimate gets better by itself, so it has no tag to be remembered by.
    headers = {"ETag": tag} if found.total_exact else {}
    return Response(wire.rows_json(found), media_type=JSON, headers=headers)


def _is_known(request: Request, tag: str) -> bool:
    """Whether If-None-Match names the tag (RFC 9110, 13.1.2; weak comparison)."""
    given = request.headers.get("if-none-match", "")
    known = {part.strip().removeprefix("W/") for part in given.split(",")}
    return tag.removeprefix("W/") in known


def _reading_routes(reading: ReadingRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    api = APIRouter(tags=["tables"])
    link_reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True))]

    async def sent(principal: link_reader, request: Request) -> AsyncIterator[bytes]:
        del principal  # signed in before a byte is read
        if not is_json(media_type_of(request)):
            raise UnsupportedMedia("Send JSON with `Content-Type: application/json`.")
        async with bodies.open(request) as body:
            yield await bodies.check(body, body.decoded)

    @api.get(f"{TABLE}/rows", response_model=wire.RowsJson, **openapi.ROWS)
    def rows(
        principal: link_reader,
        request: Request,
        upload_id: str,
        wish: Annotated[WindowWish, Depends(wish_of)],
    ) -> Response:
        return _rows_answer(reading, newest_layout(reading, principal, upload_id), wish, request)

    @api.post(f"{TABLE}/rows/query", response_model=wire.RowsJson, **openapi.QUERY)
    def query(principal: link_reader, upload_id: str, body: Annotated[bytes, Depends(sent)]) -> Response:
        wish = wish_of_body(body)
        found = window(reading, newest_layout(reading, principal, upload_id), wish)
        return Response(wire.rows_json(found), media_type=JSON)

    @api.get(f"{TABLE}/profile", response_model=wire.ProfileJson, **openapi.PROFILE)
    def profile(principal: link_reader, request: Request, upload_id: str) -> Response:
        shape = newest_layout(reading, principal, upload_id)
        key = shape.manifest.profile_key
        if key is None:
            raise NotFound("This table has no profile.", code="profile_not_found")
        tag = f'W/"{shape.manifest.version}"'
        if _is_known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        body = wire.profile_json(shape, load_profile(reading.tables, key))
        return Response(body, media_type=JSON, headers={"ETag": tag})

    @api.get(f"{TABLE}/changes", response_model=wire.ChangesJson, **openapi.CHANGES)
    def list_changes(
        principal: link_reader,
        upload_id: str,
        limit: Annotated[int, Query(ge=1, le=1000, description="Changes a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Any:
        before = None if cursor is None else _change_before(cursor)
        return wire.changes_json(upload_id, changes(reading, principal, upload_id, limit, before))

    @api.get(f"{TABLE}/rows/{{row_id}}/provenance", response_model=wire.ProvenanceJson, **openapi.PROVENANCE)
    def provenance(
        principal: Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ))],
        upload_id: str,
        row_id: Annotated[int, Path(ge=0, description="The `_row_id` of the row.")],
    ) -> Any:
        shape = newest_layout(reading, principal, upload_id)
        return wire.provenance_json(shape, row_id, cells_of(reading, shape, row_id))

    return api


def _change_before(cursor: str) -> int:
    text = Cursor.decode(cursor).id
    if text.isascii() and text.isdigit() and len(text) <= 18:  # within 64 bits
        return int(text)
    message = "This cursor was not issued here. Start again without `cursor`."
    issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
    raise InputError(message, code="cursor_invalid", issues=[issue])


def _changing_routes(
    reading: ReadingRoom, guard: Guard, bodies: BodyReader, idempotency: Idempotency
) -> APIRouter:
    api = APIRouter(tags=["tables"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    async def sent(principal: writer, request: Request) -> AsyncIterator[bytes]:
        del principal  # signed in before a byte is read
        if not is_json(media_type_of(request)):
            raise UnsupportedMedia("Send JSON with `Content-Type: application/json`.")
        async with bodies.open(request) as body:
            yield await bodies.check(body, body.decoded)

    @api.patch(f"{TABLE}/rows", response_model=wire.EditedJson, **openapi.EDIT)
    def patch(
        principal: writer, request: Request, upload_id: str, body: Annotated[bytes, Depends(sent)]
    ) -> Response:
        wanted, if_version = edits_of_body(body)

        def work(remember: Any) -> Answer:
            def also(connection: Any, edited: Edited) -> None:
                remember(connection, Answer(200, wire.edited_json(upload_id, edited)))

            edited = edit(reading, principal, upload_id, wanted, if_version=if_version, also=also)
            return Answer(200, wire.edited_json(upload_id, edited))

        return response_of(idempotency.once(_keyed(principal, request, body), work))

    @api.post(f"{TABLE}/undo", response_model=wire.EditedJson, **openapi.UNDO)
    def undo_(
        principal: writer, request: Request, upload_id: str, body: Annotated[bytes, Depends(read_small_json)]
    ) -> Response:
        change_id = undo_of_body(body)

        def work(remember: Any) -> Answer:
            def also(connection: Any, edited: Edited) -> None:
                remember(connection, Answer(200, wire.edited_json(upload_id, edited)))

            undone = undo(reading, principal, upload_id, change_id, also=also)
            return Answer(200, wire.edited_json(upload_id, undone))

        return response_of(idempotency.once(_keyed(principal, request, body), work))

    return api


def _keyed(principal: Principal, request: Request, body: bytes) -> Keyed | None:
    key = key_of(request)
    return Keyed(principal.user_id, key, fingerprint(request, body)) if key else None
