"""Google Customer Match and Data Manager.

Source: https://developers.google.com/data-manager/api/devguides/concepts/formatting and the formatter that
Google publishes with it (github.com/googleads/data-manager-java, UserDataFormatter; Apache-2.0).
"""

import re
from typing import Final

from muster.exports.platforms import values
from muster.exports.platforms.fields import Failure, Field, FieldRule, PlatformRules

_GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof"})
_SUFFIX: Final = re.compile(r"[\s,]+(?:jr|sr|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)\.?$")
"""A word of its own behind the name, with a comma or without."""


def _email(value: str, _country: str | None) -> str | Failure:
    address = values.email(value)
    if isinstance(address, Failure):
        return address
    user, _, domain = address.partition("@")
    if domain in _GMAIL:
        user = user.partition("+")[0].replace(".", "")
    return f"{user}@{domain}" if user else Failure.EMAIL


def _first_name(value: str, _country: str | None) -> str | Failure:
    """Without a title before it or behind it, which only counts as one in a word of its own."""
    words = values.composed(value).split()
    while words and words[0].rstrip(".") in _TITLES:
        words.pop(0)
    while words and words[-1].rstrip(".") in _TITLES:
        words.pop()
    return " ".join(words) or Failure.VALUE


def _last_name(value: str, _country: str | None) -> str | Failure:
    """Without suffixes such as `, Jr.` behind it."""
    name = values.composed(value)
    while (shorter := _SUFFIX.sub("", name).rstrip(" ,")) != name:
        name = shorter
    return name or Failure.VALUE


def _zip(value: str, _country: str | None) -> str | Failure:
    return value


def _country(value: str, _country: str | None) -> str | Failure:
    return values.country(value)


RULES: Final = PlatformRules(
    title="Google Customer Match",
    rules={
        Field.EMAIL: FieldRule(("Email",), _email, is_varied=True),
        Field.PHONE: FieldRule(("Phone",), values.phone, is_varied=True),
        Field.FIRST_NAME: FieldRule(("First Name",), _first_name),
        Field.LAST_NAME: FieldRule(("Last Name",), _last_name),
        Field.COUNTRY: FieldRule(("Country",), _country, is_hashed=False),
        Field.ZIP: FieldRule(("Zip",), _zip, is_hashed=False),
    },
    matches_by=(
        frozenset({Field.EMAIL}),
        frozenset({Field.PHONE}),
        # An address is only taken whole.
        frozenset({Field.FIRST_NAME, Field.LAST_NAME, Field.COUNTRY, Field.ZIP}),
    ),
)
