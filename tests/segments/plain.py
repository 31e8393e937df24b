"""What a filter and an identity mean, once more: from docs/api/filters.md and docs/api/segments.md alone, in plain Python.

Nothing of `muster` is imported here on purpose: tests that compare with it compare with another reading of the pages. Keys
are not computed but written down, for every value the random worlds of conftest.py are made of.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, str | None]

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
OPPOSITES = {"ne": "eq", "not_in": "in", "not_contains": "contains", "is_not_empty": "is_empty"}


def holds(tree: Mapping[str, Any], record: Record) -> bool:
    """Whether a filter, as JSON, finds a record. "A condition is true or false, never unknown." """
    if "all" in tree:
        return all(holds(part, record) for part in tree["all"])
    if "any" in tree:
        return any(holds(part, record) for part in tree["any"])
    if "not" in tree:
        return not holds(tree["not"], record)
    op, cell = tree["op"], record.get(tree["field"])
    if op in OPPOSITES:
        return not holds({**tree, "op": OPPOSITES[op]}, record)
    if op == "is_empty":
        return cell is None
    if cell is None:
        return False
    values = tree["value"] if op in {"in", "between"} else [tree["value"]]
    fold = tree.get("ignore_case", False)
    found = [compared(op, cell, value, fold=fold) for value in values]
    if op == "between":
        low, high = values
        return compared("ge", cell, low, fold=False) and compared("le", cell, high, fold=False)
    return True in found


def compared(op: str, cell: str, value: Any, *, fold: bool) -> bool:
    """One cell with one value. "The kind of the value you send decides how the text is read." """
    if isinstance(value, bool):
        return cell.lower() == ("true" if value else "false")
    if isinstance(value, int | float):
        return NUMBER.fullmatch(cell) is not None and ordered(op, float(cell), float(value))
    if fold:
        cell, value = folded(cell), folded(value)
    if op == "contains":
        return value in cell
    if op == "starts_with":
        return cell[: len(value)] == value
    if op == "ends_with":
        return len(cell) >= len(value) and cell[len(cell) - len(value) :] == value
    # Python's order of text is that of code points.
    return ordered(op, cell, value)


def ordered(op: str, one: Any, other: Any) -> bool:
    if op in {"eq", "in"}:
        return bool(one == other)
    if op == "between":
        return False  # both ends are asked for, as `ge` and `le`
    return bool({"lt": one < other, "le": one <= other, "gt": one > other, "ge": one >= other}[op])


def folded(text: str) -> str:
    """Simple case folding: one character for one character, so `ß` is `ẞ` but not `ss`, and `İ` is itself."""
    return "".join(simple(one) for one in text)


def simple(character: str) -> str:
    for form in (character.casefold(), character.lower()):
        if len(form) == 1:
            return form
    return character


# E-mail: "without blanks around it, in lower case, when it is an address at all".
ADDRESSES = {
    "ada@example.com": "ada@example.com", "Ada@Example.COM": "ada@example.com", " ada@example.com ": "ada@example.com",
    "ada@example.com\t": "ada@example.com", "bob@example.org": "bob@example.org", "BOB@example.org": "bob@example.org",
    "cyd@münchen.de": "cyd@münchen.de", "cyd@xn--mnchen-3ya.de": "cyd@münchen.de", "Cyd@MÜNCHEN.de": "cyd@münchen.de",
    "dee@very.company": "dee@very.company", "DEE@very.company": "dee@very.company", "eve@example.com": "eve@example.com",
    "\u200beve@example.com": "eve@example.com",
    "n/a": None, "none": None, "not an address": None, "@": None, "x" * 70 + "@example.com": None,
}  # fmt: skip
# Phone: "values that are written so (E.164) are taken as they stand and others are read with the world's numbering plans".
NUMBERS = {
    "+4930901820": "+4930901820", "+49 30 901820": "+4930901820", "+12125550100": "+12125550100",
    "+49030901820": "+49030901820", "12": None, "call me": None,
}  # fmt: skip
NATIONAL = {
    ("030 901820", "DE"): "+4930901820", ("(030) 901820", "DE"): "+4930901820",
    ("212-555-0100", "US"): "+12125550100", ("212-555-0100", "DE"): "+492125550100",
}  # fmt: skip
# "the domain (of a web or e-mail address its domain) in lower case and ASCII"
DOMAINS = {
    "example.org": "example.org", "EXAMPLE.org": "example.org", "https://www.example.org/x": "example.org",
    "ada@example.org": "example.org", "münchen.de": "xn--mnchen-3ya.de", "xn--mnchen-3ya.de": "xn--mnchen-3ya.de",
    "acme.com": "acme.com", "localhost": None, "10.0.0.1": None,
    "ada@example.com": "example.com", "Ada@Example.COM": "example.com", " ada@example.com ": "example.com",
    "ada@example.com\t": "example.com", "bob@example.org": "example.org", "BOB@example.org": "example.org",
    "cyd@münchen.de": "xn--mnchen-3ya.de", "cyd@xn--mnchen-3ya.de": "xn--mnchen-3ya.de", "Cyd@MÜNCHEN.de": "xn--mnchen-3ya.de",
    "dee@very.company": "very.company", "DEE@very.company": "very.company", "eve@example.com": "example.com",
    "\u200beve@example.com": "example.com", "x" * 70 + "@example.com": "example.com",
    "n/a": None, "none": None, "not an address": None, "@": None,
}  # fmt: skip


def known_key(
    by: str, columns: Sequence[str], names: Sequence[str], region: str | None, record: Record
) -> Any:
    """Who a record of the random worlds is; None: nobody. "The first that gives an identity counts." """
    for column in columns:
        value = record.get(column)
        if value is None:
            continue
        if by == "email":
            key = ADDRESSES[value]
        elif by == "phone":
            key = NUMBERS[value] if value in NUMBERS else NATIONAL.get((value, region))
        else:
            key = DOMAINS[value]
        if key is not None:
            break
    else:
        return None
    if by != "domain_name":
        return key
    # "the name in folded case with single blanks"
    parts = [unicodedata.normalize("NFC", record.get(name) or "").lower().split() for name in names]
    name = " ".join(word for part in parts for word in part)
    return (key, name) if name else None
