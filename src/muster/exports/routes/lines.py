"""Outcomes of rows as a file of lines, streamed."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import pyarrow as pa
from fastapi.responses import Response, StreamingResponse

from muster.exports.outcomes import RowOutcome
from muster.exports.render import media_type
from muster.exports.wire import OUTCOME_COLUMNS, outcome_view
from muster.tables.formats.write import TableFormat, write
from muster.web.disposition import attachment

_AT_ONCE: Final = 4096
_KINDS: Final = {"position": pa.int64(), "row_id": pa.int64(), "dismissed": pa.bool_()}
_SCHEMA: Final = pa.schema([(name, _KINDS.get(name, pa.large_string())) for name in OUTCOME_COLUMNS])


def outcome_lines(rows: Iterable[tuple[RowOutcome, bool]], format: TableFormat, name: str) -> Response:
    """CSV or NDJSON of outcomes and whether each was dismissed."""
    headers = {"Content-Disposition": attachment(name, format.value), "Vary": "Accept"}
    pieces = write(format, _SCHEMA, _batches(rows))
    return StreamingResponse(pieces, media_type=media_type(format), headers=headers)


def _batches(rows: Iterable[tuple[RowOutcome, bool]]) -> Iterator[pa.RecordBatch]:
    views = iter(outcome_view(row, dismissed) for row, dismissed in rows)
    while some := list(islice(views, _AT_ONCE)):
        yield pa.RecordBatch.from_pylist(some, schema=_SCHEMA)
