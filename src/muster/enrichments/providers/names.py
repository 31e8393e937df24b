"""Full names split into their parts, each in the case people write it in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import pyarrow as pa
from pydantic import Field

from muster.enrichments.provider import (
    Call,
    Input,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)

if TYPE_CHECKING:
    from nameparser import ParsedName, Parser

_NEEDS = (
    Input("full_name", "Full name", "The name of one person, also as `Lovelace, Ada`.", ("full_name",)),
)
_GIVES = (
    Output("first", "First name", "The given name.", "first_name"),
    Output("middle", "Middle names", "Given names and initials after the first.", "middle_name"),
    Output("last", "Last name", "The family name, with its particles (`van der Berg`).", "last_name"),
    Output("title", "Title", "What stands before a name: `Dr.`, `Ms`.", "name_title"),
    Output("suffix", "Suffix", "What stands behind it: `Jr.`, `PhD`.", "name_suffix"),
)
_MAX_CHARACTERS: Final = 200
_NO_NAME: Final = re.compile(r"//|[@\\<>{}\[\]=_|0-9]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_INITIALS: Final = 2
_DOT_ABOVE: Final = "i\u0307"
"""What lower-casing makes of a Turkish capital I with a dot."""
# Names the rule for MacDonald and MacKenzie does not mean.
_NO_MAC: Final = (
    "mac mace maceda macedo macedonia macek macey mach macha machado machida machin machine machuca machulsky macias maciel maciej "
    "maciejewski maciek mack mackey mackie macklin macko maclin macmahon macon macri macron macros macy maczak"
)  # fmt: skip


class NamesSettings(Settings):
    """How names are read."""

    order: Literal["given_first", "family_first"] = Field(
        default="given_first",
        title="Order of names",
        description=(
            "How names without a comma are written. Names in Chinese, Japanese and Korean letters are read family name "
            "first in any case."
        ),
    )
    case: Literal["proper", "keep"] = Field(
        default="proper",
        title="Letter case",
        description="`proper` writes names that are all in capitals or all in small letters as people do; `keep` leaves all alone.",
    )


class Names(Provider):
    """By lists of titles, particles and suffixes; a name alone does not always tell which part is which."""

    manifest = ProviderManifest(
        "names",
        "1",
        "Names split",
        "First, middle and last name, title and suffix out of a full name, in proper case: `McDonald`, `van der Berg`, `O'Neil`.",
        Where.PROCESSES,
        10_240,
        Terms(_NEEDS, _GIVES),
        NamesSettings,
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        assert isinstance(call.settings, NamesSettings)  # noqa: S101 - the runner made it from the manifest
        parsers = _parsers(call.settings.order)
        is_proper = call.settings.case == "proper"
        rows = [_split(name, parsers, is_proper) for name in batch.column("full_name").to_pylist()]
        values = {
            output.name: [None if row is None else row[at] or None for row in rows]
            for at, output in enumerate(_GIVES)
            if output.name in call.wanted
        }
        outcomes = [_outcome(row, call.wanted) for row in rows]
        reasons = ["not_a_name" if row is None else None for row in rows]
        return answers(_GIVES, len(rows), values, outcomes=outcomes, reasons=reasons)


_Parts = tuple[str, ...]
"""In the order of `_GIVES`; empty where there is none."""


def _outcome(parts: _Parts | None, wanted: frozenset[str]) -> Outcome:
    if parts is None:
        return Outcome.SKIPPED
    has_any = any(part for part, output in zip(parts, _GIVES, strict=True) if output.name in wanted)
    return Outcome.FOUND if has_any else Outcome.EMPTY


def _split(name: str, parsers: "_Parsers", is_proper: bool) -> _Parts | None:
    """The parts of a name; None for what is none."""
    if len(name) > _MAX_CHARACTERS or _NO_NAME.search(name) or not any(map(str.isalpha, name)):
        return None
    parser = parsers.of(name)
    parsed = parser.parse(name)
    kept = _texts(parsed)
    if not any(kept):
        return None
    if not is_proper:
        return kept
    cased = _texts(parser.capitalized(parsed, force=True))
    return tuple(_chosen(kept, cased))


def _texts(parsed: "ParsedName") -> _Parts:
    return parsed.given, parsed.middle, parsed.family, parsed.title, parsed.suffix


def _chosen(kept: _Parts, cased: _Parts) -> Iterator[str]:
    """Part by part: as it was written, or in proper case where the writer did not care.

    A part in capitals beside others that are not is a way of marking the family name (`Jean DUPONT`); two capitals
    are initials (`JP Morgan`) unless the whole name is in capitals.
    """
    names = "".join(kept[:3])
    is_one_case = names in {names.upper(), names.lower()}
    for at, (before, after) in enumerate(zip(kept, cased, strict=True)):
        is_careless = before == before.lower() or (
            before == before.upper() and (is_one_case or sum(map(str.isalpha, before)) > _INITIALS)
        )
        is_name = at < len(kept) - 2
        yield after.replace(_DOT_ABOVE, "i") if is_careless and (is_name or is_one_case) else before


@cache
def _parsers(order: str) -> "_Parsers":
    # Imported at first use: its lists of words take a while, and few need them.
    import nameparser  # noqa: PLC0415
    from nameparser import locales  # noqa: PLC0415

    known = nameparser.Lexicon.default()
    exceptions = {**known.capitalization_exceptions_map, **{word: word.title() for word in _NO_MAC.split()}}
    lexicon = replace(known, capitalization_exceptions=tuple(exceptions.items()))
    first = nameparser.FAMILY_FIRST if order == "family_first" else nameparser.GIVEN_FIRST
    usual = nameparser.Parser(lexicon, nameparser.Policy(name_order=first))
    return _Parsers(usual, nameparser.parser_for(locales.RU, base=usual))


@dataclass(frozen=True, slots=True)
class _Parsers:
    """cyrillic: knows patronymics, and with them names that begin with the family's. In Latin letters the same
    endings are family names (`Popovich`).
    """

    usual: "Parser"
    cyrillic: "Parser"

    def of(self, name: str) -> "Parser":
        return self.cyrillic if _CYRILLIC.search(name) else self.usual
