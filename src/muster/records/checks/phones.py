"""Phone numbers against the world's numbering plans (libphonenumber's metadata)."""

from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from muster.records.checks.verdict import Check, Verdict, fine_as, wrong
from muster.records.issues import RuleCode

REGIONS: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""ISO 3166 codes a rule may name."""

_MAX_CHARACTERS: Final = 100
_UNPARSED: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: RuleCode.PHONE_COUNTRY_UNKNOWN,
    NumberParseException.NOT_A_NUMBER: RuleCode.PHONE_SYNTAX,
    NumberParseException.TOO_SHORT_AFTER_IDD: RuleCode.PHONE_TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: RuleCode.PHONE_TOO_SHORT,
    NumberParseException.TOO_LONG: RuleCode.PHONE_TOO_LONG,
}
_IMPOSSIBLE: Final = {
    ValidationResult.INVALID_COUNTRY_CODE: RuleCode.PHONE_COUNTRY_UNKNOWN,
    ValidationResult.TOO_SHORT: RuleCode.PHONE_TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: RuleCode.PHONE_TOO_SHORT,  # without its area code
    ValidationResult.TOO_LONG: RuleCode.PHONE_TOO_LONG,
}
_KINDS: Final = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company_number",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
PHONE_KINDS: Final = tuple(_KINDS.values())
_NO_COUNTRY: Final = "001"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that somebody may have. e164: `+` and up to 15 digits, without the extension.

    region: ISO 3166 code, None for numbers of no country. kind: one of PHONE_KINDS.
    """

    e164: str
    region: str | None
    kind: str
    extension: str | None


def phone_check(region: str | None) -> Check:
    """The check of numbers that, without a country code, are of this region."""

    def check(value: str) -> Verdict:
        number = _parsed(value, region)
        if isinstance(number, RuleCode):
            return wrong(number)
        if number.extension:
            return wrong(RuleCode.PHONE_EXTENSION)
        if not phonenumbers.is_valid_number(number):
            return wrong(_why(number))
        normal = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return fine_as(value, normal, RuleCode.PHONE_NORMALISED)

    return check


def read_phone(value: str, region: str | None) -> Phone | RuleCode:
    """What a number is, or what is wrong with it; without a country code it is of this region."""
    number = _parsed(value, region)
    if isinstance(number, RuleCode):
        return number
    kind = _KINDS.get(phonenumbers.number_type(number))
    if kind is None:  # as much as not being valid
        return _why(number)
    found = phonenumbers.region_code_for_number(number)
    return Phone(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        None if found == _NO_COUNTRY else found,
        kind,
        number.extension or None,
    )


def _parsed(value: str, region: str | None) -> PhoneNumber | RuleCode:
    if len(value) > _MAX_CHARACTERS:
        return RuleCode.PHONE_TOO_LONG
    try:
        return phonenumbers.parse(value, region)
    except NumberParseException as error:
        return _UNPARSED.get(error.error_type, RuleCode.PHONE_SYNTAX)


def _why(number: PhoneNumber) -> RuleCode:
    """What is wrong with a number nobody can have."""
    return _IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), RuleCode.PHONE_INVALID)
