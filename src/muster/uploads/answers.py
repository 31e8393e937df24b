"""The records of an upload as an HTTP answer: whole, or a window, as JSON, NDJSON or CSV."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from muster.objects.frames import compress
from muster.records.fields import union_of_keys
from muster.tables.formats import ndjson as json_lines
from muster.tables.formats.write import MEDIA_TYPES, TableFormat, write
from muster.uploads.model import Upload
from muster.uploads.read import Records, Rejects
from muster.uploads.reject_groups import ChosenRejects
from muster.uploads.results import Rows
from muster.uploads.table_text import csv_chunks, ndjson, ndjson_chunks
from muster.uploads.wire import open_object, reject_json, single_json
from muster.web.accept import CSV, JSON, NDJSON, accepts_encoding
from muster.web.disposition import attachment

DEFAULT_WINDOW = 100
_VARY = {"Vary": "Accept"}  # the compressing middleware adds Accept-Encoding


@dataclass(frozen=True, slots=True)
class Window:
    """Records offset to offset + limit (exclusive)."""

    offset: int
    limit: int

    @property
    def stop(self) -> int:
        return self.offset + self.limit

    @property
    def pair(self) -> tuple[int, int]:
        return self.offset, self.limit


def window_of(offset: int | None, limit: int | None) -> Window | None:
    """The window that was asked for, None for all records."""
    if offset is None and limit is None:
        return None
    return Window(offset or 0, DEFAULT_WINDOW if limit is None else limit)


def records_answer(
    request: Request,
    upload: Upload,
    records: Records,
    window: Window | None,
    media_type: str,
    *,
    formula_safe: bool,
) -> Response:
    """Stream accepted records in the media type that was agreed on."""
    if media_type == JSON:
        return _json_answer(request, upload, records, window)
    chunks = records.chunks() if window is None else _joined(records.window(window.offset, window.stop))
    if media_type == NDJSON:
        return _stream(ndjson_chunks(chunks), NDJSON, f"{upload.id}.ndjson")
    first = upload.fields or ()
    columns = (
        list(dict.fromkeys((*first, *union_of_keys(records.chunks())))) if upload.fields_declared else first
    )
    return _stream(csv_chunks(chunks, columns, formula_safe=formula_safe), CSV, f"{upload.id}.csv")


def _json_answer(request: Request, upload: Upload, records: Records, window: Window | None) -> Response:
    if window is not None:
        members = single_json(upload, offset=window.offset, limit=window.limit, total=upload.rows_accepted)
        shown = b",".join(records.window(window.offset, window.stop))
        return Response(
            b"".join((open_object(members, "records"), b"[", shown, b"]}")), media_type=JSON, headers=_VARY
        )
    head = open_object(single_json(upload), "records")
    if accepts_encoding(request.headers.get("accept-encoding"), "zstd"):
        # The frames go out as they lie on disk; head and tail are frames of their own (RFC 8878, 3).
        packed = _around(compress(head), records.stream_compressed(), compress(b"}"))
        return StreamingResponse(packed, media_type=JSON, headers={**_VARY, "Content-Encoding": "zstd"})
    return StreamingResponse(
        _around(head, records.stream_json(), b"}"),
        media_type=JSON,
        headers={**_VARY, "Content-Length": str(len(head) + records.index.json_bytes + 1)},
    )


def rejects_answer(
    upload: Upload,
    rejects: Rejects | ChosenRejects | None,
    window: Window | None,
    media_type: str,
    *,
    formula_safe: bool,
) -> Response:
    """Rejected records with `_row`, `_code` and `_reason`, in input order: a JSON page, or all as text."""
    page = window or Window(0, DEFAULT_WINDOW)
    total = 0 if rejects is None else rejects.count
    if media_type == JSON:
        shown = b",".join(_shown(rejects, page))
        members: dict[str, Any] = {
            "status": "success",
            "upload_id": upload.id,
            "offset": page.offset,
            "limit": page.limit,
            "total": total,
        }
        return Response(b"".join((open_object(members, "rejects"), b"[", shown, b"]}")), media_type=JSON)
    everything = window or Window(0, total)
    lines = list(_shown(rejects, everything))
    if media_type == NDJSON:
        return _stream(ndjson(lines), NDJSON, f"{upload.id}.rejects.ndjson")
    chunk = b",".join(lines)
    columns = union_of_keys([chunk]) if lines else ["_row", "_code", "_reason"]
    text = csv_chunks([chunk] if lines else [], columns, formula_safe=formula_safe)
    return _stream(text, CSV, f"{upload.id}.rejects.csv")


def rows_answer(
    request: Request, rows: Rows, format: TableFormat, name: str, ending: str, *, formula_safe: bool = False
) -> Response:
    """Rows as a file to be saved, written while it is sent. What goes wrong at the start is an answer still.

    Raises PayloadTooLarge for what the format cannot hold.
    """
    headers = {**_VARY, "Content-Disposition": attachment(name, f"{ending}{format}")}
    media_type = MEDIA_TYPES[format]
    if format is TableFormat.CSV:
        media_type += "; charset=utf-8; header=present"

    def pieces() -> Iterator[bytes]:
        schema, batches = rows.open()
        return write(format, schema, batches, rows=rows.count, formula_safe=formula_safe)

    return StreamingResponse(_begun(request, pieces), media_type=media_type, headers=headers)


def table_answer(
    request: Request,
    upload: Upload,
    rows: Rows,
    window: Window | None,
    media_type: str,
    *,
    formula_safe: bool,
) -> Response:
    """The records of a file, read from its table, in the media type that was agreed on."""
    if media_type != JSON:
        format = TableFormat.CSV if media_type == CSV else TableFormat.NDJSON
        return rows_answer(request, rows, format, upload.id, "", formula_safe=formula_safe)
    shown = {}
    if window is not None:
        shown = {"offset": window.offset, "limit": window.limit, "total": rows.count or 0}
    head = open_object(single_json(upload, **shown), "records") + b"["

    def pieces() -> Iterator[bytes]:
        return _around(head, json_lines.elements(*rows.open()), b"]}")

    return StreamingResponse(_begun(request, pieces), media_type=JSON, headers=_VARY)


def _begun(request: Request, pieces: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """The pieces; the first ones, which tell whether there will be any, are made now, and none for a HEAD."""
    if getattr(request.state, "is_head", False):
        return iter(())
    begun = pieces()
    return chain(list(islice(begun, 2)), begun)


def _shown(rejects: Rejects | ChosenRejects | None, window: Window) -> Iterator[bytes]:
    if rejects is not None:
        yield from (reject_json(raw) for raw in rejects.window(window.offset, window.stop))


def _joined(window: Iterator[Any]) -> Iterator[bytes]:
    records = list(window)
    if records:
        yield b",".join(records)


def _around(head: bytes, middle: Iterator[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    yield from middle
    yield tail


def _stream(pieces: Iterator[bytes], media_type: str, filename: str) -> Response:
    headers = {**_VARY, "Content-Disposition": f'attachment; filename="{filename}"'}
    if media_type == CSV:
        media_type = "text/csv; charset=utf-8; header=present"
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
