"""Domain names: hostname syntax (RFC 952, 1123) with international labels (IDNA 2008, UTS 46)."""

import ipaddress
import re
from typing import Final

import idna

from muster.records.checks.verdict import Verdict, fine_as, wrong
from muster.records.issues import RuleCode

_MAX_CHARACTERS: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_URL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/?#:]+)|([^/?#:@]+)[/?#:]")

ORDINARY: Final = r"^(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,3}$"
"""What surely passes and is in its usual form, when it has at most 64 bytes (RE2 and Python)."""


def host_forms(text: str) -> tuple[RuleCode | None, str, str]:
    """(what is wrong, ASCII form, Unicode form) of a domain; both in lower case, without a dot at the end."""
    name = text.removesuffix(".")
    if is_address(name):
        return RuleCode.DOMAIN_IS_ADDRESS, "", ""
    if len(name) > _MAX_CHARACTERS:
        return RuleCode.DOMAIN_TOO_LONG, "", ""
    try:
        ascii_form = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
        labels = ascii_form.split(".")
        unicode_form = (
            idna.decode(ascii_form) if any(label.startswith("xn--") for label in labels) else ascii_form
        )
    except UnicodeError as error:  # IDNAError is one
        return (RuleCode.DOMAIN_TOO_LONG if "too long" in str(error) else RuleCode.DOMAIN_SYNTAX), "", ""
    if not all(_LABEL.fullmatch(label) for label in labels):
        return RuleCode.DOMAIN_SYNTAX, "", ""
    if len(ascii_form) > _MAX_CHARACTERS or max(map(len, labels)) > 63:
        return RuleCode.DOMAIN_TOO_LONG, "", ""
    if len(labels) == 1:
        return RuleCode.DOMAIN_NO_DOT, ascii_form, unicode_form
    if not ascii_form[-1].isalpha() and not labels[-1].startswith("xn--"):
        return RuleCode.DOMAIN_SYNTAX, "", ""
    return None, ascii_form, unicode_form


def is_address(text: str) -> bool:
    """Whether this is an IPv4 or IPv6 address, in brackets or not."""
    if ":" not in text and text[-1:] not in set("0123456789]"):
        return False  # nearly all; an exception costs ten times as much
    try:
        ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def check_domain(value: str) -> Verdict:
    """A domain; of an e-mail or web address its domain is offered as the fix."""
    local, at, behind = value.rpartition("@")
    if at and "/" not in local:
        return wrong(RuleCode.DOMAIN_IS_EMAIL, _usable(behind))
    if is_address(value):
        return wrong(RuleCode.DOMAIN_IS_ADDRESS)
    url = _URL.match(value)
    if url:
        host = (url[1] or url[2]).lower().removeprefix("www.")
        return wrong(RuleCode.DOMAIN_IS_URL, _usable(host))
    code, _, usual = host_forms(value)
    return wrong(code) if code else fine_as(value, usual, RuleCode.DOMAIN_NORMALISED)


def _usable(host: str) -> str | None:
    code, _, usual = host_forms(host)
    return None if code else usual
