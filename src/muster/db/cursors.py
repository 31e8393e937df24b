"""Opaque page cursors over (created_at, id), newest first.

A cursor says where the last page ended, so pages stay right while rows are added or deleted. Clients must
not read anything into it (docs/api/stability.md).
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, or_

from muster.errors import InputError, Issue


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of the page before: its creation time and its id."""

    created_at: datetime
    id: str

    def encode(self) -> str:
        """URL-safe text; `decode` reads it back."""
        raw = f"{self.created_at.isoformat()}|{self.id}".encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read what `encode` wrote; raises InputError (`cursor_invalid`) for anything else."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
            moment, _, row_id = raw.partition("|")
            created_at = datetime.fromisoformat(moment)
            if created_at.tzinfo is None or not row_id or "\x00" in row_id:
                raise ValueError("incomplete")
            created_at = created_at.astimezone(UTC)  # overflows here, not later in the query
        except (binascii.Error, ValueError, OverflowError) as error:
            message = "This cursor was not issued here. Start again without `cursor`."
            raise InputError(
                message,
                code="cursor_invalid",
                issues=[Issue(None, "cursor", "/cursor", "cursor_invalid", message)],
            ) from error
        return cls(created_at, row_id)

    def after(self, created_at: ColumnElement[datetime], row_id: ColumnElement[str]) -> ColumnElement[bool]:
        """The condition "older than this cursor" for `ORDER BY created_at DESC, id DESC`."""
        return or_(
            created_at < self.created_at,
            and_(created_at == self.created_at, row_id < self.id),
        )
