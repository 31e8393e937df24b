"""MAP: the canonical fields that identify a record, and the names a batch of records uses."""

from collections.abc import Iterable
from typing import Final

import msgspec

IDENTITY_FIELDS: Final = ("business_email", "personal_email", "email", "domain", "company_domain")
"""Each record needs at least one of these as a non-blank string (API.md, section 3)."""

_keys_only = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def union_of_keys(chunks: Iterable[bytes | memoryview]) -> list[str]:
    """Every key of every record, in order of first appearance.

    chunks: records as JSON separated by commas, without the brackets, as `parse.Chunk.json` holds them.
    """
    seen: dict[str, None] = {}
    for chunk in chunks:
        for record in _keys_only.decode(b"".join((b"[", chunk, b"]"))):
            if not record.keys() <= seen.keys():
                seen.update(dict.fromkeys(record))
    return list(seen)
