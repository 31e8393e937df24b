"""What columns hold, as far as their names tell; pure.

For values that leave, a column is an address only if its name means one: `email_opt_in` is about an address and holds `yes`.
For suppressions whatever may hold an address is looked through: what holds none finds nobody.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from muster.exports.platforms.fields import Field
from muster.records.headers import CERTAIN, guess_columns, normalised

_FIELDS: Final = {
    "business_email": Field.EMAIL, "personal_email": Field.EMAIL, "email": Field.EMAIL,
    "phone": Field.PHONE, "mobile_phone": Field.PHONE, "first_name": Field.FIRST_NAME,
    "last_name": Field.LAST_NAME, "city": Field.CITY, "state": Field.STATE, "postal_code": Field.ZIP,
    "country": Field.COUNTRY, "gender": Field.GENDER, "birth_date": Field.BIRTH_DATE,
}  # fmt: skip
_DOMAINS: Final = frozenset({"domain", "company_domain"})
_IDS: Final = {
    "external id": Field.EXTERNAL_ID, "extern id": Field.EXTERNAL_ID, "customer id": Field.EXTERNAL_ID,
    "user id": Field.EXTERNAL_ID, "crm id": Field.EXTERNAL_ID, "member id": Field.EXTERNAL_ID,
    "madid": Field.MOBILE_ID, "idfa": Field.MOBILE_ID, "gaid": Field.MOBILE_ID, "mobile id": Field.MOBILE_ID,
}  # fmt: skip
_SURE: Final = 0.6
_ABOUT: Final = frozenset(
    {
        "is", "has", "do", "not", "opt", "optin", "optout", "consent", "consented", "permission", "allowed", "accepted",
        "confirmed", "verified", "verification", "valid", "validated", "invalid", "validity", "status", "type", "kind",
        "source", "score", "quality", "confidence", "provider", "carrier", "subscribed", "unsubscribed", "subscription",
        "preference", "preferences", "frequency", "bounce", "bounced", "bounces", "sent", "opened", "opens", "clicked",
        "clicks", "count", "date", "time", "at", "created", "updated", "changed", "population", "birth", "flag",
        "einwilligung", "anzahl", "datum", "gepruft", "gultig", "typ",
    }
)  # fmt: skip
"""Words of names that speak of a value without being it."""


@lru_cache(maxsize=4096)
def field_of(name: str) -> Field | None:
    """What a column of this name holds; None when its name does not say, or only speaks of it."""
    words = normalised(name)
    known = _IDS.get(words)
    if known is not None:
        return known
    (guess,) = guess_columns([name], ())
    if guess.confidence < CERTAIN and not _ABOUT.isdisjoint(words.split()):
        return None
    return _FIELDS.get(guess.field or "") if guess.confidence >= _SURE else None


def identities_of(names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The columns that may hold addresses, phones and domains, by what suppressions call them."""
    found: dict[str, list[str]] = {"email": [], "phone": [], "domain": []}
    for name in names:
        kind = _kind(name)
        if kind is not None:
            found[kind].append(name)
    return {kind: tuple(columns) for kind, columns in found.items()}


def _kind(name: str) -> str | None:
    (guess,) = guess_columns([name], ())
    if guess.confidence < _SURE or guess.field is None:
        return None
    if guess.field in _DOMAINS:
        return "domain"
    field = _FIELDS.get(guess.field)
    return field.value if field in {Field.EMAIL, Field.PHONE} else None
