"""Routes that take a file with one request (API.md, section 5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.uploads import openapi_files, wire_files
from muster.uploads.file_model import FILES_PATH, FileWish
from muster.uploads.receive_file import FileReceipt, StoredFile, discard_file, receive_file, store_file
from muster.uploads.requests_files import check_announced, file_wish, form_wish
from muster.uploads.room import UploadsRoom
from muster.web.encodings import stream_decoder_for
from muster.web.form import FORM_BYTES, file_of_form, is_form
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of
from muster.web.stream import Streams, announced_bytes, at_most


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file whose bytes are stored, what was said about it, and its Idempotency-Key if it came with one."""

    stored: StoredFile
    wish: FileWish
    keyed: Keyed | None


def router(room: UploadsRoom, guard: Guard, streams: Streams) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["files"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    async def arrived(
        request: Request,
        principal: writer,
        upload_name: Annotated[
            str | None, Query(description="1-100 characters; the file's own name when absent.")
        ] = None,
        file_name: Annotated[
            str | None, Query(description="What a raw body's file is called; forms say it themselves.")
        ] = None,
        auto: Annotated[
            bool, Query(description="Process at once as detected; `false` waits for a mapping.")
        ] = True,
    ) -> Arrived:
        key = key_of(request)
        content_type = request.headers.get("content-type", "")
        decode = stream_decoder_for(request.headers.get("content-encoding"))
        wish = file_wish(upload_name, file_name, content_type, is_auto=auto)
        check_announced(announced_bytes(request), room.max_file_bytes + is_form(content_type) * FORM_BYTES)

        def store(pieces: Iterator[bytes]) -> tuple[StoredFile, FileWish]:
            decoded = pieces if decode is None else decode(at_most(pieces, room.max_file_bytes))
            if not is_form(content_type):
                return store_file(room, decoded), wish
            form = file_of_form(at_most(decoded, room.max_file_bytes + FORM_BYTES), content_type)
            wanted = form_wish(wish, form)
            return store_file(room, form.data), wanted

        stored, wanted = await streams.feed(request, store)
        request.state.facts = {"file_bytes": stored.part.size_bytes}
        content = f"{stored.sha256}\0{wanted!r}".encode()
        keyed = Keyed(principal.user_id, key, fingerprint(request, content)) if key else None
        return Arrived(stored, wanted, keyed)

    @api.post(FILES_PATH, status_code=202, response_model=wire_files.FileReceiptJson, **openapi_files.CREATE)
    def create(principal: writer, sent: Annotated[Arrived, Depends(arrived)]) -> Response:
        is_received = False

        def work(remember: Any) -> Answer:
            nonlocal is_received
            is_received = True  # from here on `receive_file` looks after the bytes
            answer: list[Answer] = []

            def also(connection: Any, receipt: FileReceipt) -> None:
                answer.append(Answer(202, wire_files.receipt_json(receipt)))
                remember(connection, answer[0])

            receive_file(room, principal, sent.stored, sent.wish, also)
            return answer[0]

        try:
            answer = room.idempotency.once(sent.keyed, work)
        finally:
            if not is_received:
                discard_file(room, sent.stored.upload_id)
        return response_of(answer)

    return api
