"""What a request says to do to values, for rejects and for cells of a table alike; parsed once at the edge."""

from typing import Final

import msgspec

from muster.errors import InputError, Issue
from muster.records.transforms import Action, Transform, transform_problem

MAX_ACTIONS: Final = 20
DROP: Final = "drop"
"""The action that discards a whole reject; no action on a value."""


class ActionBody(msgspec.Struct, forbid_unknown_fields=True):
    """One action as it is sent."""

    action: str
    field: str | None = None
    find: str = ""
    replace: str = ""
    value: msgspec.Raw = msgspec.Raw()
    regex: bool = False


def actions_refused(pointer: str, message: str) -> InputError:
    """A refusal of an action at this place of the body."""
    issue = Issue(None, "action", pointer, "actions_invalid", message)
    return InputError(message, code="actions_invalid", issues=[issue])


def transform_of(sent: ActionBody, pointer: str) -> Transform:
    """The transform of an action. pointer: its place in the body. Raises InputError (`actions_invalid`)."""
    if sent.action not in tuple(Action):
        known = ", ".join(f"`{action}`" for action in Action)
        raise actions_refused(f"{pointer}/action", f"`action` is one of {known}.")
    value = _text(bytes(sent.value), f"{pointer}/value")
    transform = Transform(Action(sent.action), sent.find, sent.replace, value, sent.regex)
    problem = transform_problem(transform)
    if problem is not None:
        raise actions_refused(f"{pointer}/{problem[0]}", problem[1])
    return transform


def _text(raw: bytes, pointer: str) -> str | None:
    """A value to set as a table keeps it: the text, a number as it was written, nothing for null."""
    if raw in {b"", b"null"}:
        return None
    if raw.startswith((b"{", b"[")):
        raise actions_refused(pointer, "A cell takes text, a number, true, false or null.")
    return msgspec.json.decode(raw, type=str) if raw.startswith(b'"') else raw.decode()
