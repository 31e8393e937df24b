"""What `ignore_case` means: every character is folded by itself, by Unicode's simple case folding; pure.

An engine never folds a cell: engines and languages disagree about `İ`, `ß` and the final sigma. Instead the
searched text becomes a regular expression that lists every spelling of each of its characters, and
`fold` gives the same answer in memory. Accents are kept and nothing is normalised: `é` written as one
character is not `é` written as two.
"""

from functools import cache
from typing import Final

_CASED_BELOW: Final = 0x20000  # no script beyond the first two planes has letters of two cases


def _fold_character(character: str) -> str:
    # `ß` folds to `ss` and `İ` to two characters as well; lengths must not change, so those keep their own.
    for folded in (character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character


@cache
def _folds() -> dict[int, str]:
    """Code point to folded character, only where they differ."""
    pairs = ((point, _fold_character(chr(point))) for point in range(_CASED_BELOW))
    return {point: folded for point, folded in pairs if folded != chr(point)}


@cache
def _spellings() -> dict[str, str]:
    """Folded character to all characters that fold to it."""
    found: dict[str, str] = {}
    for point, folded in _folds().items():
        found[folded] = found.get(folded, folded) + chr(point)
    return found


def fold(text: str) -> str:
    """`text` with every character folded; as many characters as before."""
    return text.lower() if text.isascii() else text.translate(_folds())


def pattern_of(text: str) -> str:
    """A regular expression (RE2, Java and Python understand it) for every spelling of `text`.

    `pattern_of(needle)` finds a match in a cell exactly when `fold(needle) in fold(cell)`.
    """
    return "".join(map(_pattern_of_character, fold(text)))


def _pattern_of_character(folded: str) -> str:
    spellings = _spellings().get(folded, folded)
    if len(spellings) == 1:
        return _escaped(spellings)
    return f"[{''.join(map(_escaped, spellings))}]"


def _escaped(character: str) -> str:
    # Letters and digits of ASCII are the only characters no dialect gives a meaning to.
    plain = character.isascii() and character.isalnum()
    return character if plain else f"\\x{{{ord(character):x}}}"
