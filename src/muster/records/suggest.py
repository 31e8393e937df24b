"""The one obvious correction of a typical slip in an e-mail address or a domain; pure.

Nothing here is ever applied without being asked for, and nothing is offered where two corrections are as
likely: dates in another order, several addresses in one cell, a misspelt domain that exists.

Sources: RFC 6068 (`mailto:`), RFC 5322 section 3.4 (`Name <address>`), Unicode block "Halfwidth and Fullwidth
Forms". The misspellings are one letter left out, doubled, swapped or from the neighbouring key in the names of
the mailbox providers with the most users; endings that are no top-level domain are in the root zone of none.
"""

import re
from typing import Final, Literal

from muster.records.checks.domains import check_domain
from muster.records.checks.emails import ORDINARY, ORDINARY_MAX_BYTES, check_email
from muster.records.checks.verdict import bare
from muster.records.fields import IDENTITY_FIELDS

MAX_CHARACTERS: Final = 1000
"""Longer texts are no slip."""

Kind = Literal["email", "domain", "text"]

_SLIPS: Final[dict[str, tuple[str, ...]]] = {
    "gmail.com": (
        "gmial.com", "gmai.com", "gamil.com", "gmal.com", "gmil.com", "gmaill.com", "gmaul.com", "gnail.com",
        "gmali.com", "ggmail.com", "gmailcom", "gmail",
    ),
    "hotmail.com": (
        "hotmial.com", "hotmal.com", "hotmai.com", "hotmil.com", "hotamil.com", "hotmaill.com", "htomail.com",
        "hotmali.com", "homtail.com", "hotmailcom", "hotmail",
    ),
    "yahoo.com": ("yaho.com", "yahooo.com", "yahho.com", "yhoo.com", "yaoo.com", "yahoocom", "yahoo"),
    "outlook.com": ("outlok.com", "outloo.com", "outllook.com", "oultook.com", "otlook.com", "outlookcom", "outlook"),
    "icloud.com": ("iclod.com", "icoud.com", "iclould.com", "icloudcom", "icloud"),
}  # fmt: skip
_PROVIDER_OF: Final = {slip: provider for provider, slips in _SLIPS.items() for slip in slips}
_NO_TOP_LEVEL: Final = {
    "con": "com", "cmo": "com", "ocm": "com", "vom": "com", "comm": "com", "coom": "com", "xom": "com",
    "nte": "net", "ent": "net", "ogr": "org", "rog": "org",
}  # fmt: skip
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x2E}
_MAILTO: Final = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
_BRACKETS: Final = re.compile(r"[^<>]*<([^<>]+)>")
_BLANKS_BY_MARKS: Final = re.compile(r"\s*([@.,])\s*")
_ORDINARY: Final = re.compile(ORDINARY, re.IGNORECASE | re.ASCII)
_EDGES: Final = " \t\r\n.,;:<>\"'()[]"


def kind_of(field: str | None, code: str = "") -> Kind:
    """What the values of a field are, by what a rule says of them or else by the name of the field."""
    if code.startswith(("email_", "domain_")):
        return "email" if code.startswith("email_") else "domain"
    name = (field or "").casefold()
    if "mail" in name:
        return "email"
    return "domain" if name in IDENTITY_FIELDS or name.endswith("domain") else "text"


def suggestion(value: str, kind: Kind) -> str | None:
    """What was meant, when there is one obvious correction; None for a value that is fine or beyond guessing."""
    if len(value) > MAX_CHARACTERS:
        return None
    match kind:
        case "email":
            return _email(value)
        case "domain":
            return _domain(value)
    narrow = bare(_narrow(value))
    return narrow if narrow and narrow != value else None


def _email(value: str) -> str | None:
    if len(value) <= ORDINARY_MAX_BYTES and _ORDINARY.fullmatch(value):
        # Nearly all; parsing such an address twice would take twenty times as long.
        local, _, domain = value.rpartition("@")
        right = _spelt(domain)
        return None if right is None else f"{local}@{right}"
    if check_email(value).is_ok and _spelt(value.rpartition("@")[2]) is None:
        return None
    text = bare(_narrow(value))
    mailto = _MAILTO.fullmatch(text)
    text = mailto[1] if mailto else text
    inside = _BRACKETS.fullmatch(text)
    text = (inside[1] if inside else text).strip(_EDGES)
    if text.count("@") != 1:
        return None
    local, _, domain = _BLANKS_BY_MARKS.sub(r"\1", text).partition("@")
    if any(letter.isspace() or letter in ",;" for letter in local):
        return None  # one address or two, who knows
    domain = _corrected(domain)
    address = f"{local}@{domain}"
    verdict = check_email(address)
    meant = address if verdict.is_ok and verdict.fixed is None else verdict.fixed
    return meant if meant is not None and meant != value else None


def _domain(value: str) -> str | None:
    text = bare(_narrow(value)).strip(_EDGES).removeprefix("@")
    local, at, behind = text.partition("@")
    if at and local and "/" not in local:
        # Whose mailbox is with a provider tells nothing of a company.
        return None if _corrected(behind) in _SLIPS else _usable(_corrected(behind), value)
    host = check_domain(_BLANKS_BY_MARKS.sub(r"\1", text))
    if host.fixed is not None:
        text = host.fixed
    return _usable(_corrected(text).removeprefix("www."), value)


def _usable(domain: str, value: str) -> str | None:
    verdict = check_domain(domain)
    meant = domain if verdict.is_ok and verdict.fixed is None else verdict.fixed
    return meant if meant is not None and meant != value else None


def _corrected(domain: str) -> str:
    """The domain in lower case with points for commas, and as it is spelt."""
    plain = "".join(domain.lower().replace(",", ".").split()).strip(".")
    while ".." in plain:
        plain = plain.replace("..", ".")
    return _spelt(plain) or plain


def _spelt(domain: str) -> str | None:
    """A well-known name or ending that is misspelt here; None when nothing is."""
    name, _, ending = domain.lower().rpartition(".")
    right = f"{name}.{_NO_TOP_LEVEL[ending]}" if name and ending in _NO_TOP_LEVEL else domain.lower()
    right = _PROVIDER_OF.get(right, right)
    return None if right == domain.lower() else right


def _narrow(value: str) -> str:
    """Full-width letters, digits and marks as the ordinary ones."""
    return value if value.isascii() else value.translate(_WIDE)
