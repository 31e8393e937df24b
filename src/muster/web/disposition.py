"""Content-Disposition of downloads: a name every client understands, and the true one (RFC 6266, RFC 8187)."""

import re
from typing import Final
from urllib.parse import quote

_ATTR_CHARS: Final = "!#$&+-.^_`|~"
# Separators of paths, what some system refuses in a name, controls, and marks that turn the reading direction.
_UNSAFE: Final = re.compile(
    '[\x00-\x1f\x7f-\x9f/\\\\:*?"<>|\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]'
)
_MAX_CHARACTERS: Final = 120


def attachment(name: str, ending: str) -> str:
    """The header's value for a file to be saved. name: anything; ending: ours, such as `rejected.csv`."""
    stem = _UNSAFE.sub("_", name)[:_MAX_CHARACTERS].strip(" .") or "upload"
    shown = f"{stem}.{ending}"
    plain = re.sub(r"[^\x20-\x7e]|%", "_", shown)
    value = f'attachment; filename="{plain}"'
    if plain != shown:
        value += f"; filename*=UTF-8''{quote(shown, safe=_ATTR_CHARS)}"
    return value
