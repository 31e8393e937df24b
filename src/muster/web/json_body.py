"""Small JSON bodies: strict about what JSON is, and precise about what is wrong."""

from typing import TypeVar

import msgspec

from muster.errors import InputError, Issue
from muster.records.syntax import MAX_DEPTH, invalid_utf8_at, is_deeper_than

T = TypeVar("T")


def decode_json(body: bytes, shape: type[T]) -> T:
    """The body as `shape` (anything msgspec reads).

    Raises InputError: `malformed_json` for what is no JSON, no UTF-8 or nested too deeply, `body_invalid`
    pointing at the member that does not fit.
    """
    at = invalid_utf8_at(body)
    if at is not None:
        raise body_refused("", "malformed_json", f"The body is not UTF-8 at byte {at}.")
    if is_deeper_than(MAX_DEPTH, body):
        raise body_refused("", "malformed_json", f"The body nests deeper than {MAX_DEPTH} levels.")
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`").lstrip(".")
        raise body_refused(path, "body_invalid", f"{text}{f' at `{path}`' if path else ''}.") from error
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise body_refused("", "malformed_json", f"The body is not JSON: {error}.") from error


def body_refused(member: str, code: str, message: str) -> InputError:
    """A refusal of one member of a body; `member` empty: of the body as a whole. Dots separate levels."""
    pointer = "/" + member.replace(".", "/") if member else ""
    return InputError(message, code=code, issues=[Issue(None, member or None, pointer, code, message)])
