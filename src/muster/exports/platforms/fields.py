"""What a column of a hashed export holds, and what a platform does with it; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class PlatformId(StrEnum):
    """Whose rules hashes follow."""

    GOOGLE = "google"  # Customer Match, Data Manager
    META = "meta"  # Custom Audiences
    SHA256 = "sha256"  # anyone who takes hashes of plainly normalised values


class Field(StrEnum):
    """What a column holds."""

    EMAIL = "email"
    PHONE = "phone"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    CITY = "city"
    STATE = "state"
    ZIP = "zip"
    COUNTRY = "country"
    GENDER = "gender"
    BIRTH_DATE = "birth_date"
    EXTERNAL_ID = "external_id"
    MOBILE_ID = "mobile_id"
    TEXT = "text"


class Failure(StrEnum):
    """Why a value cannot be normalised; it is reported and never hashed."""

    EMAIL = "email_invalid"
    PHONE = "phone_invalid"
    COUNTRY = "country_unknown"
    DATE = "date_invalid"
    GENDER = "gender_unknown"
    VALUE = "value_invalid"


Normalise = Callable[[str, str | None], str | tuple[str, ...] | Failure]
"""(value without blanks around it, never empty; ISO code of the row's country, in capitals, if it is known)
→ the normalised text, or one for each output."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How a platform wants one field.

    names: of the columns it becomes, as the platform's own upload form calls them. is_hashed: false for what
    the platform wants readable. is_varied: nearly every row has another value, so none is remembered.
    """

    names: tuple[str, ...]
    normalise: Normalise
    is_hashed: bool = True
    is_varied: bool = False


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """What a platform takes. matches_by: fields that together are enough to find a person, the sets it knows."""

    title: str
    rules: Mapping[Field, FieldRule]
    matches_by: tuple[frozenset[Field], ...]
