"""What requests to this room say, parsed once at the edge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from muster.errors import InputError, Issue
from muster.records.rule_parse import parse_rule
from muster.records.rules import MAX_RULES, Rule
from muster.web.json_body import decode_json

MAX_TRIED = 1000
"""Values or records of one request."""

Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class TryRequest:
    """What to try on what: exactly one of values, records and upload_id. rules None: the user's own."""

    rules: Sequence[Rule] | None
    values: Sequence[str | None] | None = None
    records: Sequence[Cells] | None = None
    upload_id: str | None = None


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the body. Raises InputError."""
    sent = decode_json(body, object)
    if not isinstance(sent, dict):
        raise _refused("", "body_invalid", "The body must be a JSON object.")
    return sent


def parse_order(body: bytes) -> list[str]:
    """The ids of rules in their new order. Raises InputError."""
    sent = parse_object(body)
    ids = sent.get("rule_ids")
    if sent.keys() != {"rule_ids"} or not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
        raise _refused(
            "rule_ids",
            "body_invalid",
            "Give `rule_ids`, an array of the ids of your rules, and nothing else.",
        )
    if len(ids) > MAX_RULES:
        raise _refused("rule_ids", "body_invalid", f"Name at most {MAX_RULES} rules.")
    return ids


def parse_try(body: bytes) -> TryRequest:
    """What is to be tried. Raises InputError."""
    sent = parse_object(body)
    if not sent.keys() <= {"rule", "rules", "values", "records", "upload_id"}:
        known = "`rule`, `rules`, `values`, `records` and `upload_id`"
        raise _refused("", "body_invalid", f"A member is not known here. Known are {known}.")
    targets = [name for name in ("values", "records", "upload_id") if name in sent]
    if len(targets) != 1:
        message = "Give one of `values`, `records` and `upload_id` to try rules on."
        raise _refused("values", "selection_unclear", message)
    rules = _rules(sent)
    if targets == ["values"]:
        if "rule" not in sent:
            raise _refused("rule", "body_invalid", "Give `rule`, the one to try on `values`.")
        return TryRequest(
            rules, values=[_cell(value, f"/values/{at}") for at, value in _items(sent, "values")]
        )
    if targets == ["records"]:
        return TryRequest(rules, records=[_record(record, at) for at, record in _items(sent, "records")])
    upload_id = sent["upload_id"]
    if not isinstance(upload_id, str):
        raise _refused("upload_id", "body_invalid", "`upload_id` is the id of an upload, as text.")
    return TryRequest(rules, upload_id=upload_id)


def _rules(sent: Mapping[str, Any]) -> list[Rule] | None:
    """Rules under trial; their names may be left out, and their ids are their places in the request."""
    if "rule" in sent and "rules" in sent:
        raise _refused("rules", "selection_unclear", "Give either `rule` or `rules`.")
    if "rule" in sent:
        return [replace(parse_rule(_named(sent["rule"]), rule_id="0", pointer="/rule"), enabled=True)]
    if "rules" not in sent:
        return None
    rules = sent["rules"]
    if not isinstance(rules, list) or len(rules) > MAX_RULES:
        raise _refused("rules", "body_invalid", f"`rules` is an array of at most {MAX_RULES} rules.")
    return [
        parse_rule(_named(rule), rule_id=str(at), pointer=f"/rules/{at}") for at, rule in enumerate(rules)
    ]


def _named(rule: object) -> object:
    return {"name": "tried", **rule} if isinstance(rule, dict) else rule


def _items(sent: Mapping[str, Any], name: str) -> list[tuple[int, Any]]:
    items = sent[name]
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_TRIED:
        raise _refused(name, "body_invalid", f"`{name}` is an array of 1 to {MAX_TRIED} items.")
    return list(enumerate(items))


def _record(sent: object, at: int) -> Cells:
    if not isinstance(sent, dict):
        raise _refused("records", "body_invalid", "Each record is a JSON object.", f"/records/{at}")
    return {name: _cell(value, f"/records/{at}") for name, value in sent.items()}


def _cell(sent: object, pointer: str) -> str | None:
    """The text a cell would hold: numbers and booleans as JSON writes them, empty text as none."""
    if sent is None or isinstance(sent, str):
        return sent or None
    if isinstance(sent, bool | int | float):
        return msgspec.json.encode(sent).decode()
    raise _refused(
        pointer.split("/")[1], "body_invalid", "A value is text, a number, true, false or null.", pointer
    )


def _refused(member: str, code: str, message: str, pointer: str | None = None) -> InputError:
    where = pointer if pointer is not None else f"/{member}" if member else ""
    return InputError(message, code=code, issues=[Issue(None, member or None, where, code, message)])
