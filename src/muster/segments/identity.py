"""When two values name the same person or company: the key of a value, None for one that names nobody; pure.

`identity_sql.py` says the same to the engine for values in an ordinary spelling; a test holds the two together.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from muster.predicates.folding import fold
from muster.records.checks.domains import check_domain, host_forms
from muster.records.checks.emails import check_email
from muster.records.checks.phones import phone_check
from muster.records.checks.verdict import Check, bare
from muster.records.headers import CERTAIN, guess_columns
from muster.segments.model import By, Identity

KEY_SEPARATOR: Final = "\x1f"
"""Between the domain and the name of a key; folded names hold no control characters."""

_FIELDS: Final[Mapping[By, Sequence[Sequence[str]]]] = {
    By.EMAIL: (("business_email", "email", "personal_email"),),
    By.PHONE: (("mobile_phone", "phone"),),
    By.DOMAIN_NAME: (("company_domain", "domain", "website"), ("business_email", "email")),
}
_NAMES: Final = (("first_name", "last_name"), ("full_name",), ("company_name",))


def email_key(value: str) -> str | None:
    """The address in folded case, its domain as people write it; None when it is no address."""
    verdict = check_email(bare(value))
    if not verdict.is_ok:
        return None
    return fold(verdict.fixed or bare(value))


def phone_key(value: str, region: str | None) -> str | None:
    """E.164. A value that is written so is taken as it stands, others are read by the numbering plans."""
    text = bare(value)
    if is_e164(text):
        return text
    verdict = _phone_check(region)(text)
    return (verdict.fixed or text) if verdict.is_ok else None


def is_e164(text: str) -> bool:
    """Whether this is `+` and 8 to 15 digits, of which the first is no zero."""
    digits = text[1:]
    return (
        text[:1] == "+"
        and 8 <= len(digits) <= 15
        and digits.isascii()
        and digits.isdigit()
        and digits[0] != "0"
    )


@lru_cache(maxsize=32)
def _phone_check(region: str | None) -> Check:
    return phone_check(region)


def domain_key(value: str) -> str | None:
    """The domain in ASCII and lower case, also of an e-mail or web address; None when there is none."""
    text = bare(value)
    verdict = check_domain(text)
    host = verdict.fixed or (text if verdict.is_ok else None)
    if host is None:
        return None
    wrong, ascii_form, _ = host_forms(host)
    return None if wrong else ascii_form


def name_key(value: str) -> str | None:
    """A name composed, in folded case, with single blanks and without control characters; None when empty."""
    seen = "".join(" " if unicodedata.category(one) == "Cc" else one for one in value)
    return " ".join(fold(unicodedata.normalize("NFC", seen)).split()) or None


def full_name_key(parts: Sequence[str | None]) -> str | None:
    """The parts of a name joined by single blanks; empty parts are left out."""
    keys = [name_key(part) for part in parts if part is not None]
    return " ".join(key for key in keys if key) or None


def value_key(identity: Identity) -> Callable[[str], str | None]:
    """The key of one value in `identity.columns`; for DOMAIN_NAME of its domain alone."""
    match identity.by:
        case By.EMAIL:
            return email_key
        case By.PHONE:
            return lambda value: phone_key(value, identity.region)
        case By.DOMAIN_NAME:
            return domain_key
    raise ValueError(f"{identity.by} is no matter of values")


def record_key(identity: Identity, record: Mapping[str, str | None]) -> str | None:
    """The key of a whole record (column → text, None or missing: empty)."""
    key_of = value_key(identity)
    found = (key_of(value) for name in identity.columns if (value := record.get(name)) is not None)
    key = next((key for key in found if key is not None), None)
    if key is None or identity.by is not By.DOMAIN_NAME:
        return key
    name = full_name_key([record.get(part) for part in identity.names])
    return None if name is None else f"{key}{KEY_SEPARATOR}{name}"


def shown_key(key: str) -> str:
    """A key for people's eyes."""
    return key.replace(KEY_SEPARATOR, " · ")


def guessed_columns(by: By, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns among these whose headers say that they hold such an identity, the surest sort first."""
    guesses = {
        guess.field: guess.column for guess in guess_columns(columns, ()) if guess.confidence >= CERTAIN
    }
    for fields in _FIELDS[by]:
        found = tuple(guesses[field] for field in fields if field in guesses)
        if found:
            return found
    return ()


def guessed_names(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns among these whose headers say that they hold a name."""
    guesses = {
        guess.field: guess.column for guess in guess_columns(columns, ()) if guess.confidence >= CERTAIN
    }
    for fields in _NAMES:
        found = tuple(guesses[field] for field in fields if field in guesses)
        if found:
            return found
    return ()
