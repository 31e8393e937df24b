"""The keys of `identity.py` as SQL over a text column, for values in an ordinary spelling.

Normalising a million values one by one takes a second to a minute; nearly all of them are spelled so that the
engine can say the same in milliseconds. What is ordinary is narrow on purpose: whatever `is_ordinary` does not
vouch for is looked up in a table of odd values, which `odd_values.py` makes with the functions themselves.
A test holds both readings together.
"""

from dataclasses import dataclass
from typing import Final

from muster.records.checks import domains, emails
from muster.segments.model import By

_SHORT: Final = emails.ORDINARY_MAX_BYTES
_E164: Final = r"\+[1-9][0-9]{7,14}"
_NAME: Final = "[!-~]+( [!-~]+)*"
# Without it the engine's lower case of `İ` and of the Kelvin sign would pass for a plain letter.
_ASCII: Final = "strlen({v}) = length({v})"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one sort of value is read.

    is_ordinary: a condition over `{v}`, a quoted column. key: the key of an ordinary value. is_proved: whether
    every such key is one; otherwise it still has to satisfy `proof` (a condition over `{k}`), or be looked at.
    """

    is_ordinary: str
    key: str
    is_proved: bool = True
    proof: str = "true"


_QUICK_EMAIL: Final = (
    # ASCII without blanks or control characters at its ends, and no domain that is written in another way.
    # Two hyphens are looked for first: that needs no copy in lower case.
    f"({_ASCII} AND {{v}} >= '!' AND {{v}}[-1] >= '!' "
    "AND NOT (contains({v}, '--') AND contains(lower({v}), 'xn--')))"
)
_EMAIL_PROOF: Final = f"(strlen({{k}}) <= {_SHORT} AND regexp_matches({{k}}, '{emails.ORDINARY}'))"

EMAIL: Final = Spelling(
    is_ordinary=f"({_ASCII} AND strlen({{v}}) <= {_SHORT} AND regexp_matches(lower({{v}}), '{emails.ORDINARY}'))",
    key="lower({v})",
)
EMAIL_UNPROVED: Final = Spelling(_QUICK_EMAIL, "lower({v})", is_proved=False, proof=_EMAIL_PROOF)
"""For what is grouped first and proved afterwards: few values repeat, and only those have to be proved."""
PHONE: Final = Spelling(f"regexp_full_match({{v}}, '{_E164}')", "{v}")
DOMAIN: Final = Spelling(
    f"({_ASCII} AND strlen({{v}}) <= {_SHORT} AND regexp_matches(lower({{v}}), '{domains.ORDINARY}'))",
    "lower({v})",
)
NAME: Final = Spelling(
    f"(strlen({{v}}) = length({{v}}) AND regexp_full_match({{v}}, '{_NAME}'))", "lower({v})"
)

OF_VALUES: Final = {By.EMAIL: EMAIL, By.PHONE: PHONE, By.DOMAIN_NAME: DOMAIN}


def ordinary(spelling: Spelling, column: str) -> str:
    """Whether the value of a column (its physical name) is ordinary; null for an empty cell."""
    return spelling.is_ordinary.replace("{v}", f'"{column}"')


def proved(spelling: Spelling, key: str) -> str:
    """Whether a key (a column's name) surely is one."""
    return spelling.proof.replace("{k}", key)


def key_of(spelling: Spelling, column: str, odd: str | None) -> str:
    """The key of a column's value, null when it has none. odd: where keys of odd values stand, if there are any."""
    key = spelling.key.replace("{v}", f'"{column}"')
    rest = "" if odd is None else f" ELSE {odd}"
    return f"CASE WHEN {ordinary(spelling, column)} THEN {key}{rest} END"
