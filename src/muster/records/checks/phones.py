"""Phone numbers against the world's numbering plans (libphonenumber's metadata)."""

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

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
