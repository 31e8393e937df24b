"""SHA-256 for anyone who says nothing more: values are brought into their plainest form first."""

from typing import Final

from muster.exports.platforms import values
from muster.exports.platforms.fields import Failure, Field, FieldRule, PlatformRules


def _email(value: str, _country: str | None) -> str | Failure:
    return values.email(value)


def _text(value: str, _country: str | None) -> str | Failure:
    return " ".join(values.composed(value).split()) or Failure.VALUE


def _country(value: str, _country: str | None) -> str | Failure:
    code = values.country(value)
    return code if isinstance(code, Failure) else code.lower()


def _gender(value: str, _country: str | None) -> str | Failure:
    return values.gender(value)


def _birth_date(value: str, country: str | None) -> str | Failure:
    day = values.birth_date(value, country)
    return day if isinstance(day, Failure) else f"{day:%Y%m%d}"


def _external_id(value: str, _country: str | None) -> str | Failure:
    return value


def _mobile_id(value: str, _country: str | None) -> str | Failure:
    return values.mobile_id(value)


_RULES: Final = {
    Field.EMAIL: FieldRule(("email_sha256",), _email, is_varied=True),
    Field.PHONE: FieldRule(("phone_sha256",), values.phone, is_varied=True),
    Field.FIRST_NAME: FieldRule(("first_name_sha256",), _text),
    Field.LAST_NAME: FieldRule(("last_name_sha256",), _text),
    Field.CITY: FieldRule(("city_sha256",), _text),
    Field.STATE: FieldRule(("state_sha256",), _text),
    Field.ZIP: FieldRule(("zip_sha256",), _text),
    Field.COUNTRY: FieldRule(("country_sha256",), _country),
    Field.GENDER: FieldRule(("gender_sha256",), _gender),
    Field.BIRTH_DATE: FieldRule(("birth_date_sha256",), _birth_date),
    Field.EXTERNAL_ID: FieldRule(("external_id_sha256",), _external_id, is_varied=True),
    Field.MOBILE_ID: FieldRule(("mobile_id_sha256",), _mobile_id, is_varied=True),
    Field.TEXT: FieldRule(("text_sha256",), _text),
}

RULES: Final = PlatformRules(
    title="SHA-256", rules=_RULES, matches_by=tuple(frozenset({field}) for field in _RULES)
)
