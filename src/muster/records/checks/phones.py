"""Phone numbers against the world's numbering plans (libphonenumber's metadata)."""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from muster.records.checks.verdict import Check, Verdict, fine_as, wrong
from muster.records.issues import RuleCode

REGIONS: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""ISO 3166 codes a rule may name."""

_MAX_CHARACTERS: Final = 100
_NORTH_AMERICAN: Final = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")
"""E.164 as the plan of North America has it, without asking (9 microseconds a number)."""
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


def phone_check(region: str | None) -> Check:
    """The check of numbers that, without a country code, are of this region."""

    def check(value: str) -> Verdict:
        if len(value) > _MAX_CHARACTERS:
            return wrong(RuleCode.PHONE_TOO_LONG)
        try:
            number = phonenumbers.parse(value, region)
        except NumberParseException as error:
            return wrong(_UNPARSED.get(error.error_type, RuleCode.PHONE_SYNTAX))
        if number.extension:
            return wrong(RuleCode.PHONE_EXTENSION)
        if not phonenumbers.is_valid_number(number):
            reason = phonenumbers.is_possible_number_with_reason(number)
            return wrong(_IMPOSSIBLE.get(reason, RuleCode.PHONE_INVALID))
        normal = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return fine_as(value, normal, RuleCode.PHONE_NORMALISED)

    return check


def to_e164(value: str, region: str | None) -> str | None:
    """The number as `+` and digits; None when it cannot be one.

    region: ISO 3166 code of where numbers without a country code are from, if it is known. It is enough that the
    plan could have such a number: plans grow faster than metadata. A number with an extension is not one.
    """
    if _NORTH_AMERICAN.fullmatch(value):
        return value
    if len(value) > _MAX_CHARACTERS:
        return None
    if value.startswith("00") and region is None:
        value = "+" + value[2:]
    try:
        number = phonenumbers.parse(value, region)
    except NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
