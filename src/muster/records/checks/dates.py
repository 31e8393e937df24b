"""Dates in ISO 8601, in forms people use, or in formats a rule names; never guessed when two readings fit."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from muster.records.checks.numbers import ascii_digits
from muster.records.checks.verdict import Check, Verdict, fine_as, wrong
from muster.records.issues import RuleCode
from muster.records.rules import Date

_MAX_CHARACTERS: Final = 100
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_MONTH: Final = {name: at for at, name in enumerate(_MONTHS, 1)} | {
    name[:3]: at for at, name in enumerate(_MONTHS, 1)
}
_TOKENS: Final = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short>[0-9]{2})",
    "MMMM": rf"(?P<name>{'|'.join(_MONTHS)})",
    "MMM": rf"(?P<name>{'|'.join(name[:3] for name in _MONTHS)})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
}
_TOKEN: Final = re.compile("|".join(_TOKENS))
_YEAR_FIRST: Final = re.compile(r"(?P<year>[0-9]{4})([-/.]?)(?P<month>[0-9]{2})\2(?P<day>[0-9]{2})")
_LOOSE_YEAR_FIRST: Final = re.compile(r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})(?P<mark>[-/.])([0-9]{1,2})(?P=mark)([0-9]{4})")
_NAMED: Final = [
    re.compile(form, re.I)
    for form in (
        rf"(?P<day>[0-9]{{1,2}})[ .-]{{1,2}}(?P<name>{'|'.join(_MONTH)})[ .,-]{{1,2}}(?P<year>[0-9]{{4}})",
        rf"(?P<name>{'|'.join(_MONTH)})[ .-]{{1,2}}(?P<day>[0-9]{{1,2}}),? (?P<year>[0-9]{{4}})",
    )
]
_TIME: Final = re.compile(
    r"(?P<date>.+?)[T ](?P<time>(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?) ?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.I,
)
ORDINARY: Final = r"^(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])$"
"""ISO dates of every month's first 28 days (RE2 and Python)."""

Reading = date | RuleCode
Read = Callable[[str], Reading]


def format_problem(text: str) -> str | None:
    """What is wrong with a format of a rule, as a sentence; None when it can be used."""
    names = [match[0][0] for match in _TOKEN.finditer(text)]
    if re.search(r"[A-Za-z]", _TOKEN.sub("", text)):
        return "Use only YYYY, YY, MMMM, MMM, MM, M, DD, D and separators that are no letters."
    if sorted(names) != ["D", "M", "Y"]:
        return "Name the year, the month and the day, each once."
    return None


def date_check(test: Date) -> Check:
    """The check of a rule whose formats have no problem."""
    read = date_reader(test.formats, day_first=test.day_first)

    def check(value: str) -> Verdict:
        text, time = _split_time(ascii_digits(value[:_MAX_CHARACTERS])) if test.with_time else (value, "")
        day = read(text)
        if not isinstance(day, date):
            return wrong(day)
        if test.min is not None and day < test.min:
            return wrong(RuleCode.DATE_TOO_EARLY)
        if test.max is not None and day > test.max:
            return wrong(RuleCode.DATE_TOO_LATE)
        return fine_as(value, day.isoformat() + time, RuleCode.DATE_NORMALISED)

    return check


def date_reader(formats: Sequence[str] = (), *, day_first: bool | None = None) -> Read:
    """A function from text to its day, or to the code of what is wrong with it."""
    if formats:
        forms = [_compiled(text) for text in formats]
        return lambda value: _by_formats(_digits(value), forms)
    return lambda value: _by_custom(_digits(value), day_first)


def _digits(value: str) -> str:
    return ascii_digits(value) if len(value) <= _MAX_CHARACTERS else ""


def _split_time(value: str) -> tuple[str, str]:
    match = _TIME.fullmatch(value)
    if match is None:
        return value, ""
    return match["date"], f"T{match['time']}{(match['zone'] or '').upper()}"


def _compiled(text: str) -> re.Pattern[str]:
    pieces: list[str] = []
    at = 0
    for match in _TOKEN.finditer(text):
        pieces += [re.escape(text[at : match.start()]), _TOKENS[match[0]]]
        at = match.end()
    return re.compile("".join([*pieces, re.escape(text[at:])]), re.I)


def _by_formats(value: str, forms: Sequence[re.Pattern[str]]) -> Reading:
    days: set[date] = set()
    found: RuleCode | None = None
    for form in forms:
        match = form.fullmatch(value)
        day = None if match is None else _day(match)
        if isinstance(day, date):
            days.add(day)
        elif day is not None:
            found = day
    if len(days) > 1:
        return RuleCode.DATE_AMBIGUOUS
    return days.pop() if days else found or RuleCode.DATE_INVALID


def _by_custom(value: str, day_first: bool | None) -> Reading:
    for form in (_YEAR_FIRST, _LOOSE_YEAR_FIRST, *_NAMED):
        if match := form.fullmatch(value):
            return _day(match)
    match = _YEAR_LAST.fullmatch(value)
    if match is None:
        return RuleCode.DATE_INVALID
    one, other, year = int(match[1]), int(match[3]), int(match[4])
    if day_first is None and match["mark"] == ".":
        day_first = True  # nobody writes the month first with dots
    if day_first is None and one <= 12 and other <= 12 and one != other:
        return RuleCode.DATE_AMBIGUOUS
    if day_first is None:
        day_first = other <= 12
    return _calendar(year, other, one) if day_first else _calendar(year, one, other)


def _day(match: re.Match[str]) -> Reading:
    groups = match.groupdict()
    if groups.get("short"):
        short = int(groups["short"])
        year = short + (1900 if short >= 69 else 2000)  # as POSIX reads two digits
    else:
        year = int(groups["year"])
    month = _MONTH[groups["name"].lower()] if groups.get("name") else int(groups["month"])
    return _calendar(year, month, int(groups["day"]))


def _calendar(year: int, month: int, day: int) -> Reading:
    try:
        return date(year, month, day)
    except ValueError:
        return RuleCode.DATE_NO_SUCH_DAY
