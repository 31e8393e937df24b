"""Foreign header → canonical field, with how sure we are and why; pure.

Three witnesses: what was decided before for these headers, the words of the header, and the shape of the
values beneath it. A guess is shown to people and can be overruled; nothing is mapped silently.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from muster.records.header_words import HEADER_WORDS

CERTAIN = 0.8
"""From this confidence on a guess is used when nobody is there to confirm it."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APART = re.compile(r"[\W_]+")

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_DOMAIN = re.compile(r"(?!\d+(\.\d+)+$)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,}", re.UNICODE)
_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_LINKEDIN = re.compile(r"(https?://)?([a-z]{2,3}\.)?linkedin\.com/\S+", re.IGNORECASE)
_PHONE = re.compile(r"(\+|00|\(|0)[\d\s().\-/]{6,22}(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,3}([.,\s]?\d{3})*([.,]\d+)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_POSTAL = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 -]{2,9}", re.IGNORECASE)
_WORDS = re.compile(r"[^\d@]{2,80}")

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "business_email": _EMAIL,
    "personal_email": _EMAIL,
    "email": _EMAIL,
    "domain": _DOMAIN,
    "company_domain": _DOMAIN,
    "phone": _PHONE,
    "mobile_phone": _PHONE,
    "website": re.compile(f"(?:{_URL.pattern})|(?:{_DOMAIN.pattern})", re.IGNORECASE),
    "linkedin_url": _LINKEDIN,
    "employees": re.compile(rf"(?:{_NUMBER.pattern})(\s*[-\u2013+]\s*(?:{_NUMBER.pattern})?)?"),
    "revenue": re.compile(r".*\d.*"),
    "postal_code": _POSTAL,
    "birth_date": _DATE,
    "first_name": _WORDS,
    "last_name": _WORDS,
    "full_name": _WORDS,
    "city": _WORDS,
    "country": _WORDS,
}
"""What most values of a field look like; a field without a shape is believed by its header alone."""

_BY_SHAPE_ALONE = (
    ("linkedin_url", 0.85, "addresses of LinkedIn profiles"),
    ("email", 0.85, "e-mail addresses"),
    ("domain", 0.6, "domain names"),
    ("website", 0.6, "web addresses"),
    ("phone", 0.5, "telephone numbers"),
)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column probably is. field: a canonical field, None when it keeps its own name.

    confidence: 0 to 1. reason: a sentence for people.
    """

    column: str
    field: str | None
    confidence: float
    reason: str


def normalised(header: str) -> str:
    """A header as words are compared: composed, without accents, lower case, words separated by one space."""
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", header))
    bare = "".join(character for character in unicodedata.normalize("NFD", text) if not _is_accent(character))
    return _APART.sub(" ", unicodedata.normalize("NFC", bare).casefold().replace("ß", "ss")).strip()


def _is_accent(character: str) -> bool:
    # Only over Latin and its kin: a Japanese voicing mark or an Indic vowel sign is part of the letter.
    return "\u0300" <= character <= "\u036f"


def signature(headers: Sequence[str]) -> str:
    """What files with the same columns have in common, whatever the order, case and spacing of headers."""
    words = sorted(normalised(header) or header for header in headers)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def respelled(names: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """How headers known from elsewhere are spelled in this file; without those it lacks, or has more than once.

    The same spelling counts most; otherwise headers are the same when `normalised` makes them so.
    """
    there = set(columns)
    alike: dict[str, list[str]] = {}
    for column in columns:
        alike.setdefault(normalised(column), []).append(column)
    found = {}
    for name in names:
        candidates = [name] if name in there else alike.get(normalised(name), [])
        if len(candidates) == 1:
            found[name] = candidates[0]
    return found


def guess_columns(
    columns: Sequence[str],
    sample: Sequence[Sequence[str | None]],
    remembered: Mapping[str, str | None] | None = None,
) -> tuple[ColumnGuess, ...]:
    """A guess for every column; no field is given twice.

    sample: rows of text in the order of `columns`. remembered: column → field (None: keeps its name) as it
    was decided for an earlier file with these headers.
    """
    guesses = [
        _guess(column, [row[at] for row in sample if at < len(row)], remembered or {})
        for at, column in enumerate(columns)
    ]
    best: dict[str, int] = {}
    for at, guess in enumerate(guesses):
        if guess.field is not None:
            holder = best.setdefault(guess.field, at)
            if guess.confidence > guesses[holder].confidence:
                best[guess.field] = at
    return tuple(
        guess
        if guess.field is None or best[guess.field] == at
        else ColumnGuess(
            guess.column, None, 0.5, f"`{guesses[best[guess.field]].column}` fits {guess.field} better."
        )
        for at, guess in enumerate(guesses)
    )


def _guess(column: str, values: Sequence[str | None], remembered: Mapping[str, str | None]) -> ColumnGuess:
    if column in remembered:
        return ColumnGuess(column, remembered[column], 1.0, "You decided so for an earlier file.")
    filled = [value.strip() for value in values if value and value.strip()]
    header = normalised(column)
    field = _words().get(header)
    if field is not None:
        share = _share(field, filled)
        if share is None:
            return ColumnGuess(column, field, 0.9, f"The header means {field}.")
        if share >= 0.5:
            return ColumnGuess(column, field, 0.99, f"The header means {field} and the values look like it.")
        return ColumnGuess(column, field, 0.4, f"The header means {field}, but few values look like it.")
    for other, confidence, what in _BY_SHAPE_ALONE:
        share = _share(other, filled)
        if share is not None and share >= 0.9:
            hinted = _hinted(header, other)
            return ColumnGuess(
                column, hinted or other, confidence + (0.1 if hinted else 0), f"The values are {what}."
            )
    loose = _loosely(header)
    if loose is not None:
        share = _share(loose, filled)
        if share is None or share >= 0.5:
            return ColumnGuess(column, loose, 0.6, f"The header speaks of {loose}.")
    return ColumnGuess(column, None, 0.0, "No known field; the column keeps its name.")


def _share(field: str, filled: Sequence[str]) -> float | None:
    """How much of the values look like the field; None when there is nothing to tell by."""
    shape = _SHAPES.get(field)
    if shape is None or not filled:
        return None
    return sum(shape.fullmatch(value[:500]) is not None for value in filled) / len(filled)


@cache
def _words() -> Mapping[str, str]:
    return {normalised(word): field for field, words in HEADER_WORDS.items() for word in words}


def _loosely(header: str) -> str | None:
    """The field one of whose longer words stands in the header as whole words."""
    padded = f" {header} "
    found = [
        (len(word), field) for word, field in _words().items() if len(word) > 3 and f" {word} " in padded
    ]
    return max(found)[1] if found else None


def _hinted(header: str, shaped: str) -> str | None:
    """A finer field of the same shape that the header speaks of (`work` over a column of e-mails)."""
    hints: Mapping[str, Sequence[tuple[str, Callable[[str], bool]]]] = {
        "email": (
            ("business_email", _speaks_of("work", "business", "company", "corporate", "pro", "office")),
            ("personal_email", _speaks_of("personal", "private", "home", "privat")),
        ),
        "domain": (("company_domain", _speaks_of("company", "account", "organization", "firma")),),
        "phone": (("mobile_phone", _speaks_of("mobile", "cell", "mobil", "handy")),),
    }
    return next((field for field, speaks in hints.get(shaped, ()) if speaks(header)), None)


def _speaks_of(*words: str) -> Callable[[str], bool]:
    return lambda header: not set(words).isdisjoint(header.split())
