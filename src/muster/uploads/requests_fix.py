"""What a request to fix rejects all alike says, parsed once at the edge."""

from typing import Final

import msgspec

from muster.records.transforms import Action, Transform, transform_problem
from muster.uploads.fix import FieldAction, FixWish
from muster.uploads.issues import DROP
from muster.web.json_body import body_refused, decode_json

MAX_ACTIONS: Final = 20
MAX_ROWS: Final = 10_000
MAX_NAME_CHARACTERS: Final = 1000


class ActionBody(msgspec.Struct, forbid_unknown_fields=True):
    """One action as it is sent."""

    action: str
    field: str | None = None
    find: str = ""
    replace: str = ""
    value: str | int | float | bool | None = None
    regex: bool = False


class _Fix(msgspec.Struct, forbid_unknown_fields=True):
    actions: list[ActionBody]
    code: str | None = None
    field: str | None = None
    rows: list[int] | None = None
    after_row: int | None = None
    dry_run: bool = False


def parse_fix(body: bytes) -> tuple[FixWish, bool]:
    """Which rejects and what to do to them, and whether only to try. Raises InputError."""
    sent = decode_json(body, _Fix)
    if sent.code is None and sent.field is None and sent.rows is None:
        raise body_refused("code", "selection_unclear", "Say which rejects: by `code`, `field` or `rows`.")
    if sent.rows is not None and not 1 <= len(sent.rows) <= MAX_ROWS:
        raise body_refused("rows", "selection_size", f"Name 1 to {MAX_ROWS} rows in `rows`.")
    if not 1 <= len(sent.actions) <= MAX_ACTIONS:
        raise body_refused("actions", "actions_invalid", f"Give 1 to {MAX_ACTIONS} actions.")
    wish = FixWish(
        actions=_actions(sent.actions),
        code=sent.code,
        field=sent.field,
        rows=None if sent.rows is None else frozenset(sent.rows),
        after_row=-1 if sent.after_row is None else sent.after_row,
    )
    return wish, sent.dry_run


def _actions(sent: list[ActionBody]) -> tuple[FieldAction, ...]:
    if any(each.action == DROP for each in sent):
        if len(sent) > 1:
            raise body_refused(
                "actions", "actions_invalid", "`drop` stands alone: nothing is left to change."
            )
        return ()
    return tuple(_action(each, f"actions.{at}") for at, each in enumerate(sent))


def _action(sent: ActionBody, where: str) -> FieldAction:
    if not sent.field or len(sent.field) > MAX_NAME_CHARACTERS:
        raise body_refused(f"{where}.field", "actions_invalid", "Name the `field` that is to be changed.")
    return FieldAction(sent.field, transform_of(sent, where))


def transform_of(sent: ActionBody, where: str) -> Transform:
    """The transform of an action that can be done. Raises InputError (`actions_invalid`)."""
    if sent.action not in tuple(Action):
        known = ", ".join(f"`{action}`" for action in (*Action, DROP))
        raise body_refused(f"{where}.action", "actions_invalid", f"`action` is one of {known}.")
    transform = Transform(Action(sent.action), sent.find, sent.replace, _text(sent.value), sent.regex)
    problem = transform_problem(transform)
    if problem is not None:
        raise body_refused(f"{where}.{problem[0]}", "actions_invalid", problem[1])
    return transform


def _text(value: str | float | bool | None) -> str | None:
    """A value to set as the table keeps it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
