"""How lists come in pages, for all lists of accounts."""

from typing import Annotated

from fastapi import Query

from muster.db.cursors import Cursor

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
After = Annotated[str | None, Query(description="`next_cursor` of the page before.")]


def cursor_of(text: str | None) -> Cursor | None:
    return None if text is None else Cursor.decode(text)
