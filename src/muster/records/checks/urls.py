"""Web addresses: RFC 3986 syntax with international hosts, as browsers read them."""

import re
from typing import Final
from urllib.parse import urlsplit

from muster.records.checks.domains import host_forms, is_address
from muster.records.checks.verdict import Check, Verdict, fine_as, wrong
from muster.records.issues import RuleCode

_MAX_CHARACTERS: Final = 8192
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FORBIDDEN: Final = re.compile(r"[\s\x00-\x1f\x7f<>\"{}|\\^`]")
_PORTS: Final = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443}
ORDINARY: Final = r"^https://(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,3}(?:/[A-Za-z0-9._~/-]*)?$"
"""What surely passes, as it stands, a rule that allows https, when it has at most 64 bytes (RE2 and Python)."""


def url_check(schemes: tuple[str, ...]) -> Check:
    """The check of addresses with one of these schemes; the first one that is https, or the first, is added
    where a scheme is missing.
    """
    usual = "https" if "https" in schemes else schemes[0]

    def check(value: str) -> Verdict:
        if len(value) > _MAX_CHARACTERS or _FORBIDDEN.search(value):
            return wrong(RuleCode.URL_INVALID)
        scheme = _SCHEME.match(value)
        if scheme is None or (not value.startswith("//", scheme.end()) and "." in scheme[1]):
            return _without_scheme(value, usual)
        if scheme[1].lower() not in schemes:
            return wrong(RuleCode.URL_SCHEME)
        normal = _normal(value)
        if isinstance(normal, RuleCode):
            return wrong(normal)
        return fine_as(value, normal, RuleCode.URL_NORMALISED)

    return check


def _without_scheme(value: str, scheme: str) -> Verdict:
    normal = _normal(f"{scheme}:{'' if value.startswith('//') else '//'}{value}")
    if isinstance(normal, RuleCode):
        return wrong(RuleCode.URL_INVALID)
    return wrong(RuleCode.URL_SCHEME_MISSING, normal)


def _normal(value: str) -> str | RuleCode:
    """Scheme and host in lower case, the host in ASCII, no port that goes without saying; the rest as it is."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return RuleCode.URL_HOST
    if "@" in parts.netloc:
        return RuleCode.URL_CREDENTIALS
    if not host:
        return RuleCode.URL_HOST if value.partition(":")[2].startswith("//") else RuleCode.URL_INVALID
    if is_address(host):
        shown = f"[{host}]" if ":" in host else host
    else:
        code, shown, _ = host_forms(host)
        if code is not None:
            return RuleCode.URL_HOST
    scheme = parts.scheme.lower()
    where = shown if port is None or port == _PORTS.get(scheme) else f"{shown}:{port}"
    # What follows the authority is kept to the letter: urlunsplit would drop an empty query.
    rest = value[value.index("//") + 2 + len(parts.netloc) :]
    return f"{scheme}://{where}{rest}"
