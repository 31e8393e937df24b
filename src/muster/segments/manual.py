"""What was added to a segment and left out of it by hand: rows, and identities that stand for rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from muster.errors import InputError, Issue
from muster.segments.model import By

MAX_ENTRIES: Final = 100_000


@dataclass(frozen=True, slots=True)
class RowEntry:
    """One row of one upload."""

    upload_id: str
    row_id: int


@dataclass(frozen=True, slots=True)
class IdentityEntry:
    """Every row with this identity. key: as identity.py gives it."""

    by: By
    key: str


Entry: TypeAlias = RowEntry | IdentityEntry


@dataclass(frozen=True, slots=True)
class Manual:
    """The entries in the order they came. An entry is in one of the two at most."""

    included: tuple[Entry, ...] = ()
    excluded: tuple[Entry, ...] = ()

    def changed(
        self, include: Iterable[Entry], exclude: Iterable[Entry], forget: Iterable[Entry]
    ) -> "Manual":
        """With these entries; one that is named twice goes where it was named last.

        Raises InputError (`too_many_entries`).
        """
        included, excluded = dict.fromkeys(self.included), dict.fromkeys(self.excluded)
        for entry in include:
            excluded.pop(entry, None)
            included[entry] = None
        for entry in exclude:
            included.pop(entry, None)
            excluded[entry] = None
        for entry in forget:
            included.pop(entry, None)
            excluded.pop(entry, None)
        if len(included) + len(excluded) > MAX_ENTRIES:
            message = (
                f"A segment has at most {MAX_ENTRIES:,} entries by hand. Use a column and a filter for more."
            )
            issue = Issue(None, None, "", "too_many_entries", message)
            raise InputError(message, code="too_many_entries", issues=[issue])
        return Manual(tuple(included), tuple(excluded))

    def of_uploads(self, uploads: Sequence[str]) -> "Manual":
        """Without rows of other uploads."""
        return Manual(
            tuple(entry for entry in self.included if _is_of(entry, uploads)),
            tuple(entry for entry in self.excluded if _is_of(entry, uploads)),
        )


NOTHING_BY_HAND: Final = Manual()


def _is_of(entry: Entry, uploads: Sequence[str]) -> bool:
    return isinstance(entry, IdentityEntry) or entry.upload_id in uploads


_Stored = tuple[list[tuple[str, int | str]], list[tuple[str, int | str]]]
_decoder = msgspec.json.Decoder(_Stored)


def encode(manual: Manual) -> bytes:
    """The stored form: personal data, for the object store only."""
    return msgspec.json.encode(
        [[_pair(entry) for entry in each] for each in (manual.included, manual.excluded)]
    )


def decode(stored: bytes) -> Manual:
    included, excluded = _decoder.decode(stored)
    return Manual(tuple(map(_entry, included)), tuple(map(_entry, excluded)))


def _pair(entry: Entry) -> tuple[str, int | str]:
    return (entry.upload_id, entry.row_id) if isinstance(entry, RowEntry) else (entry.by.value, entry.key)


def _entry(pair: tuple[str, int | str]) -> Entry:
    name, value = pair
    return RowEntry(name, value) if isinstance(value, int) else IdentityEntry(By(name), value)
