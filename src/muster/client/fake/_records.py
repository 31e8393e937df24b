"""What makes a record good, as the API documents it; on decoded values, for clarity instead of speed."""

from dataclasses import dataclass
from typing import Any

import msgspec

IDENTITY_FIELDS = ("business_email", "personal_email", "email", "domain", "company_domain")
_LIST = ", ".join(f"`{name}`" for name in IDENTITY_FIELDS)


@dataclass(frozen=True, slots=True)
class FakeReject:
    """A record that was not accepted, with its row in the batch."""

    row: int
    field: str | None
    code: str
    message: str
    raw: bytes

    def as_error(self) -> dict[str, Any]:
        pointer = f"/records/{self.row}" + ("" if self.field is None else f"/{self.field}")
        return {
            "row": self.row,
            "field": self.field,
            "pointer": pointer,
            "code": self.code,
            "message": self.message,
        }

    def as_row(self) -> dict[str, Any]:
        try:
            columns: dict[str, Any] = msgspec.json.decode(self.raw, type=dict[str, msgspec.Raw])
        except msgspec.ValidationError:
            columns = {"_value": msgspec.Raw(self.raw)}
        return {"_row": self.row, "_code": self.code, "_reason": self.message, **columns}


def problem_of(row: int, raw: bytes) -> FakeReject | None:
    """Why the record cannot be accepted, None when it can (API.md, section 3: one identifier, not blank)."""
    record = msgspec.json.decode(raw)
    if not isinstance(record, dict):
        return FakeReject(
            row, None, "record_not_object", "Each record must be a JSON object with named values.", raw
        )
    given = {name: record[name] for name in IDENTITY_FIELDS if record.get(name) is not None}
    for name, value in given.items():
        if not isinstance(value, str):
            return FakeReject(
                row,
                name,
                "identity_not_text",
                f"Send the identifier as text in quotes; one of {_LIST}.",
                raw,
            )
    if any(value.strip() for value in given.values()):
        return None
    if given:
        first = next(iter(given))
        message = f"Fill in at least one of {_LIST}; blank text does not count."
        return FakeReject(row, first, "identity_blank", message, raw)
    return FakeReject(row, None, "identity_missing", f"Give at least one of {_LIST}.", raw)
