"""What a misspelt domain of a mailbox was meant to be; silent about every domain that may well be meant.

Only long and peculiar names are corrected: what is near to a short one or to a word is mostly somebody's real name
(`aon.com`, `rovers.com`). Only one slip of the keyboard is, never to or from a domain known to be real.
"""

from functools import cache
from typing import Final

from muster.enrichments.known.mailboxes import FREE_MAIL
from muster.enrichments.known.slips import keyboard_slips
from muster.records.suggest import suggestion

_OFTEN_MEANT: Final = (
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.com.br", "yahoo.co.in",
    "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es", "outlook.com", "outlook.fr", "outlook.de",
    "icloud.com", "protonmail.com", "rocketmail.com", "t-online.de", "freenet.de", "wanadoo.fr", "laposte.net",
    "virgilio.it", "btinternet.com", "blueyonder.co.uk", "virginmedia.com", "comcast.net", "verizon.net",
    "sbcglobal.net", "bellsouth.net", "earthlink.net", "optonline.net", "sympatico.ca",
    "bigpond.com", "rediffmail.com", "yandex.ru", "rambler.ru", "seznam.cz", "interia.pl", "hanmail.net",
)  # fmt: skip
_REAL: Final = frozenset(
    ("gail.com", "hotmall.com", "yahool.com", "gmails.com", "outlooks.com", "freeent.de")
)
"""One slip from a provider, and yet a name of people or things."""
_ENDINGS_MISSED: Final = {
    "com": ("co", "cm", "om", "c", "vom", "xom", "cim", "con", "comm", "coom", "ccom", "cpm", "clm", "cok", "comn", "ocm", "cmo", "coml"),
    "net": ("ne", "nt", "et", "nte", "ner", "met", "nett", "bet"),
    "de": ("d", "dee", "ed"),
    "fr": ("f", "rf"),
}  # fmt: skip


def meant_domain(domain: str) -> str | None:
    """The domain that was meant by a misspelt one (lower case); None where nothing is misspelt or nothing is sure."""
    if domain in FREE_MAIL:
        return None
    if domain in _slips():
        return _slips()[domain]
    obvious = suggestion(f"a@{domain}", "email")
    return None if obvious is None else obvious.partition("@")[2]


@cache
def _slips() -> dict[str, str]:
    """Misspelt domain to the one that was meant; a misspelling of two is of neither."""
    found: dict[str, str | None] = {}
    for meant in _OFTEN_MEANT:
        name, _, ending = meant.partition(".")
        slips = {
            f"{slip}.{ending}"
            for slip in keyboard_slips(name)
            if len(slip) > 3 and slip[0] not in "-0123456789"
        }
        slips |= {f"{name}.{slip}" for slip in _ENDINGS_MISSED.get(ending, ())}
        slips |= {f"{name}{ending}", f"{name}.{ending}.{ending}", f"{name},{ending}", f"{name}..{ending}"}
        for slip in slips - _REAL - FREE_MAIL:
            found[slip] = meant if found.get(slip, meant) == meant else None
    return {slip: meant for slip, meant in found.items() if meant is not None}
