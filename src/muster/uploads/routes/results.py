"""The route that gives back what became of an upload's records, as files (API.md, section 4)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.tables.formats.write import MEDIA_TYPES, TableFormat
from muster.uploads import openapi_results
from muster.uploads.answers import rows_answer
from muster.uploads.read import get_upload
from muster.uploads.results import Part, result_rows
from muster.uploads.room import UploadsRoom
from muster.uploads.routes.batches import FormulaSafe
from muster.uploads.routes.progress import ONE
from muster.web.accept import negotiate


def router(room: UploadsRoom, guard: Guard) -> APIRouter:
    """The route, bound to its room."""
    api = APIRouter(tags=["uploads"])
    link_reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True))]

    @api.get(f"{ONE}/results", **openapi_results.RESULTS)
    def results(
        principal: link_reader,
        request: Request,
        upload_id: str,
        part: Annotated[Part, Query(description="Which of the three parts.")] = Part.ACCEPTED,
        format: Annotated[TableFormat | None, Query(description="Counts more than `Accept`.")] = None,
        formula_safe: FormulaSafe = False,
    ) -> Response:
        upload = get_upload(room, principal, upload_id)
        chosen = _agreed(request) if format is None else format
        rows = result_rows(room, principal, upload, part)
        return rows_answer(request, rows, chosen, upload.name, f"{part}.", formula_safe=formula_safe)

    return api


def _agreed(request: Request) -> TableFormat:
    """What `Accept` asks for, CSV by default. Raises NotAcceptable."""
    formats = {media_type: format for format, media_type in MEDIA_TYPES.items()}
    return formats[negotiate(request.headers.get("accept"), tuple(formats))]
