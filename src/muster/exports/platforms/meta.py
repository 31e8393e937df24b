"""Meta Custom Audiences.

Source: https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences (hashing and
normalization) and the examples of the same rules in the page on customer information parameters.
"""

import re
from typing import Final

from muster.exports.platforms import values
from muster.exports.platforms.fields import Failure, Field, FieldRule, PlatformRules
from muster.exports.platforms.states import state_code

_DIGITS: Final = re.compile(r"[0-9]")
_US_ZIP: Final = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")


def _email(value: str, _country: str | None) -> str | Failure:
    return values.email(value)


def _phone(value: str, country: str | None) -> str | Failure:
    """Digits alone, the country's code first; no plus, no leading zeros."""
    number = values.phone(value, country)
    return number if isinstance(number, Failure) else number[1:]


def _name(value: str, _country: str | None) -> str | Failure:
    return values.without_punctuation(values.composed(value), keep_blanks=True) or Failure.VALUE


def _place(value: str, _country: str | None) -> str | Failure:
    """Neither blanks nor punctuation nor digits (`Paris 15e` is in Paris)."""
    letters = values.without_punctuation(values.composed(value), keep_blanks=False)
    return _DIGITS.sub("", letters) or Failure.VALUE


def _state(value: str, country: str | None) -> str | Failure:
    """Of the US in two letters, however it is written; of others as places are."""
    code = state_code(value) if country in {None, "US"} else None
    return code.lower() if code is not None else _place(value, country)


def _zip(value: str, country: str | None) -> str | Failure:
    code = "".join(value.lower().split())
    american = _US_ZIP.fullmatch(code) if country in {None, "US"} else None
    if american and (country == "US" or "-" in code):
        return american[1]
    return code.replace("-", "") or Failure.VALUE


def _country(value: str, _country: str | None) -> str | Failure:
    code = values.country(value)
    return code if isinstance(code, Failure) else code.lower()


def _gender(value: str, _country: str | None) -> str | Failure:
    return values.gender(value)


def _birth_date(value: str, country: str | None) -> tuple[str, ...] | Failure:
    day = values.birth_date(value, country)
    return day if isinstance(day, Failure) else (f"{day:%Y}", f"{day:%m}", f"{day:%d}")


def _external_id(value: str, _country: str | None) -> str | Failure:
    return value


def _mobile_id(value: str, _country: str | None) -> str | Failure:
    return values.mobile_id(value)


_PERSON: Final = frozenset({Field.FIRST_NAME, Field.LAST_NAME})

RULES: Final = PlatformRules(
    title="Meta Custom Audiences",
    rules={
        Field.EMAIL: FieldRule(("email",), _email, is_varied=True),
        Field.PHONE: FieldRule(("phone",), _phone, is_varied=True),
        Field.FIRST_NAME: FieldRule(("fn",), _name),
        Field.LAST_NAME: FieldRule(("ln",), _name),
        Field.CITY: FieldRule(("ct",), _place),
        Field.STATE: FieldRule(("st",), _state),
        Field.ZIP: FieldRule(("zip",), _zip),
        Field.COUNTRY: FieldRule(("country",), _country),
        Field.GENDER: FieldRule(("gen",), _gender),
        Field.BIRTH_DATE: FieldRule(("doby", "dobm", "dobd"), _birth_date),
        Field.EXTERNAL_ID: FieldRule(("extern_id",), _external_id, is_hashed=False, is_varied=True),
        Field.MOBILE_ID: FieldRule(("madid",), _mobile_id, is_hashed=False, is_varied=True),
    },
    matches_by=(
        frozenset({Field.EMAIL}),
        frozenset({Field.PHONE}),
        frozenset({Field.EXTERNAL_ID}),
        frozenset({Field.MOBILE_ID}),
        _PERSON | {Field.ZIP},
        _PERSON | {Field.CITY},
        _PERSON | {Field.BIRTH_DATE},
    ),
)
