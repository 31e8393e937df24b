"""E-mail addresses by their syntax: email-validator decides, the checks before and after name the mistake."""

import re
from typing import Final

from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from muster.records.checks.domains import host_forms, is_address
from muster.records.checks.verdict import Verdict, fine_as, wrong
from muster.records.issues import RuleCode

_MAX_BYTES: Final = 254
_SEVERAL: Final = re.compile(r"@[^@]*[\s,;/|]+[^@\s,;/|]+@")
_BRACKETS: Final = re.compile(r"^[^<>]*<([^<>@\s]+@[^<>@\s]+)>$")

ORDINARY: Final = (
    r"^[a-z0-9_+]+(?:[.-][a-z0-9_+]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"(?:[a-z]{2,3}|info|name|mobi|tech|shop|site|cloud|store|online)$"
)
"""What email-validator surely accepts as it stands, when it has at most `ORDINARY_MAX_BYTES` (RE2 and Python).

Narrower than the syntax on purpose: no reserved domain ends like this, and `--` cannot occur.
"""
ORDINARY_MAX_BYTES: Final = 64
_ORDINARY: Final = re.compile(ORDINARY)


def check_email(value: str) -> Verdict:
    """An address as one would give it to a mail server: no name beside it, no quotes, no network address."""
    normal = _ordinary(value)
    if normal is not None:
        return fine_as(value, normal, RuleCode.EMAIL_NORMALISED)
    code = _shape(value)
    if code is RuleCode.EMAIL_DISPLAY_NAME:
        inside = _BRACKETS.match(value)
        normal = _normal(inside[1]) if inside else None
        return wrong(code, normal)
    if code is not None:
        return wrong(code)
    normal = _normal(value)
    if normal is None:
        return wrong(_reason(value))
    return fine_as(value, normal, RuleCode.EMAIL_NORMALISED)


def _ordinary(value: str) -> str | None:
    """What email-validator makes of an ordinary address, without its 30 microseconds; None for others.

    A test compares the two.
    """
    if len(value) > ORDINARY_MAX_BYTES or not value.isascii() or not _ORDINARY.fullmatch(value.lower()):
        return None
    local, _, domain = value.rpartition("@")
    if local.lower() in CASE_INSENSITIVE_MAILBOX_NAMES:
        local = local.lower()
    return f"{local}@{domain.lower()}"


def _shape(value: str) -> RuleCode | None:
    """Mistakes that have a name of their own, found without parsing the address."""
    if "@" not in value:
        return RuleCode.EMAIL_AT_MISSING
    if len(value) > 1000:
        return RuleCode.EMAIL_TOO_LONG
    if value.startswith("@"):
        return RuleCode.EMAIL_LOCAL_MISSING
    if value.endswith("@"):
        return RuleCode.EMAIL_DOMAIN_MISSING
    if value.endswith(">") or "<" in value:
        return RuleCode.EMAIL_DISPLAY_NAME
    if value.startswith('"'):
        return RuleCode.EMAIL_QUOTED
    if _SEVERAL.search(value):
        return RuleCode.EMAIL_SEVERAL
    if is_address(value.rpartition("@")[2]):
        return RuleCode.EMAIL_DOMAIN_ADDRESS
    return None


def _normal(address: str) -> str | None:
    """The address as email-validator spells it; None when it accepts no such address."""
    if len(address) > 1000:
        return None
    try:
        return validate_email(address, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return None


def _reason(value: str) -> RuleCode:
    if len(value.encode()) > _MAX_BYTES:
        return RuleCode.EMAIL_TOO_LONG
    local, _, domain = value.rpartition("@")
    if "@" in local:
        return RuleCode.EMAIL_SYNTAX
    code, _, _ = host_forms(domain)
    if code is not None:
        return RuleCode.EMAIL_DOMAIN_INVALID
    # The domain is fine; if nobody's mailbox would be, it is the domain's name that is reserved.
    return RuleCode.EMAIL_DOMAIN_RESERVED if _normal(f"a@{domain}") is None else RuleCode.EMAIL_SYNTAX
