"""The one built-in rule: a record must say whom it is about."""

from collections.abc import Sequence
from typing import Any

import msgspec

from muster.records.fields import IDENTITY_FIELDS
from muster.records.issues import RecordCode


class Identity(msgspec.Struct, gc=False):
    """The five identifiers of a record, everything else skipped; the type of the hot path."""

    business_email: str | None = None
    personal_email: str | None = None
    email: str | None = None
    domain: str | None = None
    company_domain: str | None = None


class LooseIdentity(msgspec.Struct):
    """The same members with any value, to say exactly what is wrong with them."""

    business_email: Any = msgspec.UNSET
    personal_email: Any = msgspec.UNSET
    email: Any = msgspec.UNSET
    domain: Any = msgspec.UNSET
    company_domain: Any = msgspec.UNSET


_loose = msgspec.json.Decoder(LooseIdentity)


def unidentified(records: Sequence[Identity]) -> list[int]:
    """The indexes of records without any non-blank identifier. Runs once per record of every batch."""
    for record in records:
        text = record.business_email
        if not text or text.isspace():
            break
    else:
        return []  # nearly every batch
    bad = []
    for index, record in enumerate(records):
        text = record.business_email
        if text and not text.isspace():
            continue
        for text in (record.email, record.personal_email, record.domain, record.company_domain):
            if text and not text.isspace():
                break
        else:
            bad.append(index)
    return bad


def explain(record: bytes | msgspec.Raw) -> tuple[RecordCode, str | None] | None:
    """What is wrong with one record (syntactically valid JSON), or None when it is identified.

    Returns the code and the member it is about; a value that is not text outranks a blank one, because
    the sender evidently meant to give it.
    """
    try:
        loose = _loose.decode(record)
    except msgspec.ValidationError:
        return RecordCode.NOT_OBJECT, None
    blank: str | None = None
    wrong: str | None = None
    for name in IDENTITY_FIELDS:
        value = getattr(loose, name)
        if value is msgspec.UNSET or value is None:
            continue
        if not isinstance(value, str):
            wrong = wrong or name
        elif value and not value.isspace():
            return None
        else:
            blank = blank or name
    if wrong:
        return RecordCode.IDENTITY_NOT_TEXT, wrong
    if blank:
        return RecordCode.IDENTITY_BLANK, blank
    return RecordCode.IDENTITY_MISSING, None
