"""Routes of batches and of what came of them (API.md, sections 3 and 4)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.records.parse import BatchQuery, ParsedBatch
from muster.tables.formats.write import MEDIA_TYPES, TableFormat
from muster.uploads import openapi, wire, wire_files
from muster.uploads.answers import records_answer, rejects_answer, rows_answer, table_answer, window_of
from muster.uploads.bulk import bulk
from muster.uploads.erase import erase
from muster.uploads.model import Source, UploadFilter
from muster.uploads.order import Place, parse_order
from muster.uploads.read import Records, get_upload, list_uploads, work_on
from muster.uploads.receive import receive
from muster.uploads.reject_groups import chosen_rejects
from muster.uploads.rename import rename
from muster.uploads.requests import (
    check_media_type,
    checked_filter,
    parse_body,
    parse_bulk,
    parse_rename,
)
from muster.uploads.results import rejected_rows, table_rows
from muster.uploads.room import UploadsRoom
from muster.web.accept import CSV, JSON, NDJSON, negotiate
from muster.web.body import BodyReader, media_type_of, read_small_json
from muster.web.etag import tagged
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of
from muster.web.metrics import BODY_BYTES, stage

BATCH = "/api/audience/batch-upload"
XLSX = MEDIA_TYPES[TableFormat.XLSX]

Offset = Annotated[int | None, Query(ge=0, description="First record, counted from 0.")]
WindowLimit = Annotated[int | None, Query(ge=1, le=100_000, description="Records, at most; default 100.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Uploads a page, at most.")]
Sort = Annotated[
    str,
    Query(
        description="`created_at`, `name`, `rows_received`, `rows_rejected` or `size_bytes`; `-` before it: descending."
    ),
]
RejectCode = Annotated[str | None, Query(max_length=100, description="Only rejects with this `_code`.")]
RejectField = Annotated[
    str | None,
    Query(max_length=1000, description="Only rejects with this `_field`; empty: about the whole record."),
]
FormulaSafe = Annotated[
    bool, Query(description="CSV only: defuse text that a spreadsheet would run as a formula.")
]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked batch and, when it came with an Idempotency-Key, what identifies it."""

    batch: ParsedBatch
    keyed: Keyed | None


def router(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (
        _batch_routes(room, guard, bodies),
        _reading_routes(room, guard),
        _changing_routes(room, guard),
    ):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _batch_routes(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """Routes that take a batch."""
    api = APIRouter(tags=["uploads"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    async def incoming(
        request: Request,
        principal: writer,
        upload_name: Annotated[str | None, Query(description="The name, for a bare array or NDJSON.")] = None,
        fields: Annotated[list[str] | None, Query(description="Names to show first; may repeat.")] = None,
        on_invalid: Annotated[str | None, Query(description="`reject` or `skip`.")] = None,
    ) -> AsyncIterator[Incoming]:
        check_media_type(media_type_of(request))
        key = key_of(request)
        query = BatchQuery(upload_name, tuple(fields) if fields else None, on_invalid)
        keep_all = request.url.path.endswith("/validate")

        async with bodies.open(request) as body:

            def check() -> Incoming:
                with stage("check"):
                    decoded, batch = parse_body(body, query, max_records=room.max_records, keep_all=keep_all)
                return Incoming(
                    batch, Keyed(principal.user_id, key, fingerprint(request, decoded)) if key else None
                )

            BODY_BYTES.labels("wire").inc(len(body.wire))
            checked = await bodies.check(body, check)
            request.state.facts = {"rows": checked.batch.rows_received, "wire_bytes": len(body.wire)}
            yield checked

    @api.post(BATCH, response_model=wire.ReceiptJson, **openapi.CREATE)
    def create(principal: writer, sent: Annotated[Incoming, Depends(incoming)]) -> Response:
        def work(remember: Any) -> Answer:
            receipt = receive(
                room,
                principal,
                sent.batch,
                lambda connection, receipt: remember(connection, Answer(200, wire.receipt_json(receipt))),
            )
            return Answer(200, wire.receipt_json(receipt))

        return response_of(room.idempotency.once(sent.keyed, work))

    @api.post("/api/audience/validate", response_model=wire.ReportJson, **openapi.VALIDATE)
    def validate(principal: writer, sent: Annotated[Incoming, Depends(incoming)]) -> Any:
        del principal  # signed in is enough
        return wire.report_json(sent.batch)

    return api


def matching_of(
    name: Annotated[str | None, Query(description="Name contains this, ignoring case.")] = None,
    status: Annotated[str | None, Query(description="One status, or several between commas.")] = None,
    source: Annotated[Source | None, Query()] = None,
    created_after: Annotated[datetime | None, Query()] = None,
    created_before: Annotated[datetime | None, Query()] = None,
    has_errors: Annotated[bool | None, Query(description="Whether any record was rejected.")] = None,
) -> UploadFilter:
    return checked_filter(
        name=name,
        status=status,
        source=source,
        created_after=created_after,
        created_before=created_before,
        has_errors=has_errors,
    )


def _reading_routes(room: UploadsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["uploads"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ))]
    link_reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True))]

    @api.get(BATCH, response_model=wire.UploadListJson, **openapi.LIST)
    def list_(
        principal: reader,
        request: Request,
        matching: Annotated[UploadFilter, Depends(matching_of)],
        limit: Limit = 100,
        cursor: Annotated[
            str | None, Query(description="`next_cursor` of the page before, with the same `sort`.")
        ] = None,
        sort: Sort = "-created_at",
    ) -> Response:
        negotiate(request.headers.get("accept"), (JSON,))
        order = parse_order(sort)
        after = Place.decode(cursor, order) if cursor else None
        page = list_uploads(room, principal, matching, limit, after, order)
        return tagged(request, wire_files.list_json(page), JSON)

    @api.get(f"{BATCH}/{{upload_id}}", response_model=wire.SingleUploadJson, **openapi.GET)
    def get(
        principal: link_reader,
        request: Request,
        upload_id: str,
        offset: Offset = None,
        limit: WindowLimit = None,
        include: Annotated[
            Literal["records", "none"] | None,
            Query(
                description="`none` leaves the records out; those of a file come only with `records` or a window."
            ),
        ] = None,
        formula_safe: FormulaSafe = False,
    ) -> Response:
        media_type = negotiate(request.headers.get("accept"), (JSON, NDJSON, CSV))
        upload = get_upload(room, principal, upload_id)
        window = window_of(offset, limit)
        is_file = upload.source is Source.FILE
        if include == "none" or (is_file and (include, window, media_type) == (None, None, JSON)):
            progress = wire_files.progress_json(upload, *work_on(room, principal, upload))
            members = wire_files.with_progress(wire.single_json(upload), progress)
            return tagged(request, wire.encode(members), JSON)
        if is_file:
            rows = table_rows(room, principal, upload, None if window is None else window.pair)
            return table_answer(request, upload, rows, window, media_type, formula_safe=formula_safe)
        records = Records(room, upload)
        return records_answer(request, upload, records, window, media_type, formula_safe=formula_safe)

    @api.get(f"{BATCH}/{{upload_id}}/rejects", response_model=wire.RejectsJson, **openapi.REJECTS)
    def rejects(
        principal: link_reader,
        request: Request,
        upload_id: str,
        offset: Offset = None,
        limit: WindowLimit = None,
        code: RejectCode = None,
        field: RejectField = None,
        formula_safe: FormulaSafe = False,
    ) -> Response:
        media_type = negotiate(request.headers.get("accept"), (JSON, NDJSON, CSV, XLSX))
        upload = get_upload(room, principal, upload_id)
        kept = chosen_rejects(room, principal, upload, code, field)
        if media_type == XLSX:
            window = window_of(offset, limit)
            rows = rejected_rows(room, principal, upload, kept, None if window is None else window.pair)
            return rows_answer(request, rows, TableFormat.XLSX, upload.id, "rejects.")
        return rejects_answer(upload, kept, window_of(offset, limit), media_type, formula_safe=formula_safe)

    return api


def _changing_routes(room: UploadsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["uploads"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    @api.post(f"{BATCH}/bulk", response_model=wire.BulkJson, **openapi.BULK)
    def several(
        principal: writer, request: Request, body: Annotated[bytes, Depends(read_small_json)]
    ) -> Response:
        operation, chosen, cascade = parse_bulk(body)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            answer: list[Answer] = []

            def also(connection: Any, outcomes: Any) -> None:
                answer.append(Answer(200, wire.encode(wire.bulk_json(operation, outcomes))))
                remember(connection, answer[0])

            bulk(room, principal, operation, chosen, also, cascade=cascade)
            return answer[0]

        return response_of(room.idempotency.once(keyed, work))

    @api.patch(f"{BATCH}/{{upload_id}}", response_model=wire.SingleUploadJson, **openapi.RENAME)
    def patch(
        principal: writer, upload_id: str, body: Annotated[bytes, Depends(read_small_json)]
    ) -> Response:
        upload = rename(room, principal, upload_id, parse_rename(body))
        return Response(wire.encode(wire.single_json(upload)), media_type=JSON)

    @api.delete(f"{BATCH}/{{upload_id}}", response_model=wire.DeletedJson, **openapi.DELETE)
    def delete(
        principal: writer,
        upload_id: str,
        cascade: Annotated[
            bool, Query(description="Delete the segments and exports that are made from it as well.")
        ] = False,
    ) -> Any:
        erase(room, principal, upload_id, cascade=cascade)
        return {"status": "success", "message": "Batch upload deleted successfully"}

    return api
