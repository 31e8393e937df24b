"""What suppressions are about: one spelling of addresses, phones and domains, and which rows of a batch name one.

The list holds keyed hashes of these spellings, nothing else; so whoever asks must spell as the list does.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.exports.platforms.fields import Failure
from muster.exports.platforms.values import country_code
from muster.exports.platforms.values import email as plain_email
from muster.records.checks.domains import host_forms
from muster.records.checks.e164 import to_e164
from muster.records.checks.verdict import bare

DIGEST_CHARACTERS: Final = 32
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DOMAIN: Final = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}\.?")


class SuppressionKind(StrEnum):
    """What an entry of the list is."""

    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A value as the list spells it."""

    kind: SuppressionKind
    text: str

    def covered_by(self) -> Iterable["Spelled"]:
        """Every entry that would suppress it: itself, and for what lies in a domain each domain above it."""
        yield self
        if self.kind is SuppressionKind.PHONE:
            return
        domain = self.text.rpartition("@")[2]
        if self.kind is SuppressionKind.EMAIL:
            yield Spelled(SuppressionKind.DOMAIN, domain)
        for above in domains_above(domain):
            yield Spelled(SuppressionKind.DOMAIN, above)


def spelled(value: str, kind: SuppressionKind | None = None, region: str | None = None) -> Spelled | None:
    """The value as the list spells it; None when it is none of the three.

    kind: None tells it by its shape. region: ISO code of where phones without a country code are from.
    """
    text = bare(value)
    if not text:
        return None
    if kind is None:
        kind = _kind_of(text)
    found: str | None
    match kind:
        case SuppressionKind.EMAIL:
            found = spelled_email(text)
        case SuppressionKind.PHONE:
            found = to_e164(text, region)
        case SuppressionKind.DOMAIN:
            found = spelled_domain(text)
    return None if found is None else Spelled(kind, found)


def spelled_email(text: str) -> str | None:
    """Lower case; of an international domain its ASCII form."""
    address = plain_email(text)
    if isinstance(address, Failure):
        return None
    user, _, domain = address.rpartition("@")
    ascii_domain = spelled_domain(domain)
    return None if ascii_domain is None else f"{user}@{ascii_domain}"


@lru_cache(maxsize=65_536)
def spelled_domain(text: str) -> str | None:
    """Lower case and ASCII, without a dot at the end."""
    code, ascii_form, _ = host_forms(text.strip().lower())
    return None if code else ascii_form


def domains_above(domain: str) -> list[str]:
    """`mail.example.org` → `example.org`; a top-level domain is nobody's."""
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels) - 1)]


def _kind_of(text: str) -> SuppressionKind:
    if "@" in text:
        return SuppressionKind.EMAIL
    return SuppressionKind.DOMAIN if _DOMAIN.fullmatch(text) else SuppressionKind.PHONE


Digest = Callable[[Spelled], str]
"""The keyed hash the list holds."""


@dataclass(slots=True)
class SuppressedRows:
    """Finds rows that name anybody on the list. Not thread-safe.

    entries: digests by kind. columns: of the rows, by the kind of what they hold. country, region: how phones without
    a country code are read.
    """

    entries: Mapping[SuppressionKind, frozenset[str]]
    digest: Digest
    columns: Mapping[str, tuple[str, ...]]
    country: str | None = None
    region: str | None = None
    _domains: dict[str, bool] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not any(self.entries.values())

    def mask(self, batch: pa.RecordBatch, others: Sequence[str] = ()) -> pa.Array:
        """For each row whether it is suppressed. others: columns in which only what looks like an address counts."""
        found = [False] * batch.num_rows
        if self.entries.get(SuppressionKind.EMAIL) or self.entries.get(SuppressionKind.DOMAIN):
            for name in self.columns.get("email", ()):
                self._look(found, batch.column(name), self._email)
            for name in others:
                self._look(found, _addresses(batch.column(name)), self._email)
        if self.entries.get(SuppressionKind.DOMAIN):
            for name in self.columns.get("domain", ()):
                self._look(found, batch.column(name), self._domain)
        if self.entries.get(SuppressionKind.PHONE):
            self._look_for_phones(found, batch)
        return pa.array(found, pa.bool_())

    def _look(self, found: list[bool], values: pa.Array, test: Callable[[str], bool]) -> None:
        for row, value in enumerate(values.to_pylist()):
            if value and not found[row] and test(value):
                found[row] = True

    def _look_for_phones(self, found: list[bool], batch: pa.RecordBatch) -> None:
        entries = self.entries[SuppressionKind.PHONE]
        names = self.columns.get("phone", ())
        countries = batch.column(self.country).to_pylist() if self.country and names else None
        for name in names:
            for row, value in enumerate(batch.column(name).to_pylist()):
                if not value or found[row]:
                    continue
                code = country_code(countries[row]) if countries and countries[row] else None
                number = to_e164(bare(value), code or self.region)
                if number and self.digest(Spelled(SuppressionKind.PHONE, number)) in entries:
                    found[row] = True

    def _email(self, value: str) -> bool:
        address = spelled_email(bare(value))
        if address is None:
            return False
        entries = self.entries.get(SuppressionKind.EMAIL)
        if entries and self.digest(Spelled(SuppressionKind.EMAIL, address)) in entries:
            return True
        return self._domain(address.rpartition("@")[2])

    def _domain(self, value: str) -> bool:
        """Remembered: rows share domains."""
        known = self._domains.get(value)
        if known is None:
            entries = self.entries.get(SuppressionKind.DOMAIN, frozenset())
            domain = spelled_domain(bare(value).rpartition("@")[2])
            known = (
                bool(entries)
                and domain is not None
                and any(
                    self.digest(Spelled(SuppressionKind.DOMAIN, each)) in entries
                    for each in (domain, *domains_above(domain))
                )
            )
            if len(self._domains) < 65_536:
                self._domains[value] = known
        return known


def _addresses(values: pa.Array) -> pa.Array:
    """The values that are an address as a whole, null elsewhere."""
    maybe = pc.match_substring(values, "@")
    if not pc.any(maybe).as_py():
        return pa.nulls(0, values.type)
    shaped = [
        value if value is not None and _ADDRESS.fullmatch(value.strip()) else None
        for value in values.to_pylist()
    ]
    return pa.array(shaped, values.type)
