"""Routes that stream: the file of an export, and what became of its rows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.exports import openapi, wire
from muster.exports.download import open_download
from muster.exports.model import Outcome
from muster.exports.read import OutcomeCursor, get_export, list_outcomes, stream_outcomes
from muster.exports.room import ExportsRoom
from muster.exports.routes.exports import ONE, shown
from muster.exports.routes.lines import outcome_lines
from muster.tables.formats.write import TableFormat
from muster.web.accept import CSV, JSON, NDJSON, negotiate
from muster.web.disposition import attachment
from muster.web.ranges import ranged

_FORMATS = {CSV: TableFormat.CSV, NDJSON: TableFormat.NDJSON}


def router(room: ExportsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["exports"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_READ))]

    @api.get(f"{ONE}/download", response_class=Response, **openapi.DOWNLOAD)
    def download(principal: reader, request: Request, export_id: str) -> Response:
        found = open_download(room, principal, export_id)
        stem, _, ending = found.file.name.rpartition(".")
        headers = {"Content-Disposition": attachment(stem, ending)}
        return ranged(
            request,
            found.stream,
            found.file.size_bytes,
            found.tag,
            media_type=found.media_type,
            headers=headers,
        )

    @api.get(f"{ONE}/outcomes", response_model=wire.OutcomesJson, **openapi.OUTCOMES)
    def outcomes(
        principal: reader,
        request: Request,
        export_id: str,
        outcome: Annotated[Outcome | None, Query(description="Only rows this became of.")] = None,
        code: Annotated[str | None, Query(max_length=100, description="Only rows with this code.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="Rows a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        media_type = negotiate(request.headers.get("accept"), (JSON, NDJSON, CSV))
        if media_type == JSON:
            after = None if cursor is None else OutcomeCursor.decode(cursor)
            page = list_outcomes(room, principal, export_id, outcome, code, limit, after)
            return shown(wire.outcomes_json(export_id, page))
        get_export(room, principal, export_id)
        rows = stream_outcomes(room, principal, export_id, outcome, code)
        return outcome_lines(rows, _FORMATS[media_type], f"{export_id}.outcomes")

    return api
