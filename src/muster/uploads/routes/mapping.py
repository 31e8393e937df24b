"""Routes to look at a file and to decide how it is read (API.md, section 5)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.errors import UnsupportedMedia
from muster.uploads import openapi_mapping as described
from muster.uploads import wire, wire_files, wire_mapping
from muster.uploads.decide_mapping import MappingWish, decide_mapping
from muster.uploads.model import Upload
from muster.uploads.preview import preview
from muster.uploads.read import work_on
from muster.uploads.requests_mapping import overrides_of, parse_mapping_wish, parse_template_name
from muster.uploads.room import UploadsRoom
from muster.uploads.routes.progress import ONE
from muster.uploads.templates import delete_mapping, list_mappings, rename_mapping
from muster.web.accept import JSON
from muster.web.body import BodyReader, is_json, media_type_of, read_small_json
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

MAPPINGS = "/api/audience/mappings"


@dataclass(frozen=True, slots=True)
class _Incoming:
    wish: MappingWish
    keyed: Keyed | None


def router(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (_file_routes(room, guard, bodies), _template_routes(room, guard)):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _overrides(
    format: Annotated[str | None, Query(description="`csv`, `ndjson`, `json`, `xlsx` or `parquet`.")] = None,
    compression: Annotated[str | None, Query(description="`none`, `gzip`, `zstd` or `zip`.")] = None,
    encoding: Annotated[str | None, Query(description="Such as `windows-1252`.")] = None,
    delimiter: Annotated[str | None, Query(description="One to four characters.")] = None,
    quote: Annotated[str | None, Query(description="One character; empty: quotes mean nothing.")] = None,
    escape: Annotated[str | None, Query(description="One character.")] = None,
    header_row: Annotated[str | None, Query(description="From 0, blank rows not counted, or `none`.")] = None,
    decimal_comma: Annotated[bool | None, Query(description="Whether numbers are written 1.234,5.")] = None,
    sheet: Annotated[str | None, Query(description="Of a workbook; the member of a JSON object.")] = None,
) -> dict[str, Any]:
    return overrides_of(
        format=format,
        compression=compression,
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        header_row=header_row,
        decimal_comma=decimal_comma,
        sheet=sheet,
    )


def _file_routes(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    api = APIRouter(tags=["files"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]
    link_reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True))]

    @api.get(f"{ONE}/preview", response_model=wire_mapping.PreviewJson, **described.PREVIEW)
    def preview_(
        principal: link_reader, upload_id: str, overrides: Annotated[dict[str, Any], Depends(_overrides)]
    ) -> Response:
        shown = wire_mapping.preview_json(preview(room, principal, upload_id, overrides))
        return Response(shown, media_type=JSON)

    async def incoming(
        request: Request,
        principal: writer,
        auto: Annotated[bool, Query(description="Take the guesses as they are; no body needed.")] = False,
    ) -> AsyncIterator[_Incoming]:
        key = key_of(request)
        if not is_json(media_type_of(request)):
            raise UnsupportedMedia("Send JSON with `Content-Type: application/json`.")
        async with bodies.open(request) as body:

            def parse() -> _Incoming:
                decoded = body.decoded()
                keyed = Keyed(principal.user_id, key, fingerprint(request, decoded)) if key else None
                return _Incoming(parse_mapping_wish(decoded, is_auto=auto), keyed)

            yield await bodies.check(body, parse)

    def state(upload: Upload, principal: Principal) -> bytes:
        progress = wire_files.progress_json(upload, *work_on(room, principal, upload))
        return wire.encode(wire_files.with_progress(wire.single_json(upload), progress))

    @api.put(f"{ONE}/mapping", status_code=202, response_model=wire.SingleUploadJson, **described.DECIDE)
    def decide(principal: writer, upload_id: str, sent: Annotated[_Incoming, Depends(incoming)]) -> Response:
        def work(remember: Any) -> Answer:
            upload = decide_mapping(
                room,
                principal,
                upload_id,
                sent.wish,
                lambda connection, done: remember(
                    connection, Answer(202, wire.encode(wire.single_json(done)))
                ),
            )
            return Answer(202, state(upload, principal))

        return response_of(room.idempotency.once(sent.keyed, work))

    return api


def _template_routes(room: UploadsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["mappings"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ))]
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    @api.get(MAPPINGS, response_model=wire_mapping.MappingsAnswer, **described.LIST)
    def list_(
        principal: reader,
        limit: Annotated[int, Query(ge=1, le=1000, description="Mappings a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        after = Cursor.decode(cursor) if cursor else None
        page = list_mappings(room, principal, limit, after)
        return Response(wire_mapping.mappings_json(page), media_type=JSON)

    @api.patch(
        f"{MAPPINGS}/{{mapping_id}}", response_model=wire_mapping.KeptMappingAnswer, **described.RENAME
    )
    def rename(
        principal: writer, mapping_id: str, body: Annotated[bytes, Depends(read_small_json)]
    ) -> Response:
        kept = rename_mapping(room, principal, mapping_id, parse_template_name(body))
        return Response(wire_mapping.kept_answer(kept), media_type=JSON)

    @api.delete(f"{MAPPINGS}/{{mapping_id}}", response_model=wire.DeletedJson, **described.DELETE)
    def delete(principal: writer, mapping_id: str) -> Any:
        delete_mapping(room, principal, mapping_id)
        return {"status": "success", "message": "Mapping deleted successfully"}

    return api
