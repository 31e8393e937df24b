"""Mappings that outlive their upload: named templates, and what was decided last for files with some headers."""

from dataclasses import dataclass
from datetime import datetime

from muster.uploads.mapping import Mapping

MAX_TEMPLATE_CHARACTERS = 100
MAX_KEPT = 1_000
"""Mappings of one user: the remembered ones used longest ago go first, templates only when they are deleted."""


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """One mapping of a user. name: of a template, None when it is only remembered.

    signature: `records.headers.signature` of the files it was decided for.
    """

    id: str
    name: str | None
    signature: str
    mapping: Mapping
    created_at: datetime
    used_at: datetime
