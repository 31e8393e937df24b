"""Texts that are one slip apart: of any hand (Damerau and Levenshtein), and of one on a keyboard.

One slip is a letter left out, added or replaced, or two neighbours exchanged. Two slips are a guess, so they are no
relation here.
"""

from collections.abc import Iterator
from typing import Final

_ROWS: Final = ("1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def is_one_slip(one: str, other: str) -> bool:
    """Whether the texts differ by exactly one slip."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    if short[at + 1 :] == long[at + 1 :]:
        return True
    return short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]


def without_one(text: str) -> Iterator[str]:
    """The text itself and what it is without each of its letters.

    Texts that are one slip apart have one of these in common, which finds them without comparing all with all.
    """
    yield text
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]


def keyboard_slips(word: str) -> Iterator[str]:
    """What a hand on a Latin keyboard makes of a word, its first letter aside: that one is seldom missed, and
    words that differ in it are mostly different words (`ymail` is no misspelt `gmail`).

    A letter left out or doubled, two exchanged, or the key beside one hit, instead of it or with it.
    """
    for at in range(1, len(word)):
        before, letter, behind = word[:at], word[at], word[at + 1 :]
        yield before + behind
        yield before + letter + letter + behind
        if behind:
            yield before + behind[0] + letter + behind[1:]
        for key in _BESIDE.get(letter, ""):
            yield before + key + behind
            yield before + key + letter + behind
            yield before + letter + key + behind


def _beside() -> dict[str, str]:
    """Each key to those that touch it, in its row and in the rows above and below."""
    found: dict[str, str] = {}
    for at, row in enumerate(_ROWS):
        for place, key in enumerate(row):
            near = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            if at > 0:
                near += _ROWS[at - 1][place : place + 2]
            if at + 1 < len(_ROWS):
                near += _ROWS[at + 1][max(0, place - 1) : place + 1]
            found[key] = near
    return found


_BESIDE: Final = _beside()
