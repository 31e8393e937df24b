"""What the OpenAPI page says about results."""

from typing import Any, Final

from muster.tables.formats.write import MEDIA_TYPES
from muster.web.openapi import error_responses

RESULTS: Final[dict[str, Any]] = {
    "summary": "Download what became of the records",
    "description": "In input order. `accepted`: the table as it is now, with `_row`, the place in what was sent. "
    "`rejected`: the columns as they were sent, and `_row`, `_line`, `_field`, `_code`, `_reason`; corrected, it can be "
    "posted to `/retry`. `unprocessed`: the rest of an upload that was cancelled or failed, empty otherwise. Streamed; "
    "an answer that breaks off is not whole. An upload's session token opens this route too.",
    "operation_id": "downloadResults",
    "responses": {
        200: {
            "description": "The file.",
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in MEDIA_TYPES.values()
            },
        },
        **error_responses(400, 401, 403, 404, 406, 409, 413, 429, 503),
    },
}
