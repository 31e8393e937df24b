"""What a request to fix rejects all alike says, parsed once at the edge."""

from typing import Final

import msgspec

from muster.tables.actions import DROP, MAX_ACTIONS, ActionBody, actions_refused, transform_of
from muster.uploads.fix import FieldAction, FixWish
from muster.web.json_body import body_refused, decode_json

MAX_ROWS: Final = 10_000
MAX_NAME_CHARACTERS: Final = 1000


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
        raise actions_refused("/actions", f"Give 1 to {MAX_ACTIONS} actions.")
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
            raise actions_refused("/actions", "`drop` stands alone: nothing is left to change.")
        return ()
    return tuple(_action(each, f"/actions/{at}") for at, each in enumerate(sent))


def _action(sent: ActionBody, pointer: str) -> FieldAction:
    if not sent.field or len(sent.field) > MAX_NAME_CHARACTERS:
        raise actions_refused(f"{pointer}/field", "Name the `field` that is to be changed.")
    return FieldAction(sent.field, transform_of(sent, pointer))
