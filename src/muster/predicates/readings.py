"""How the text of a cell reads as a number or as true and false: one strict grammar for everybody; pure.

Whoever makes a typed twin of a column uses these rules, so that a filter finds the same rows with and
without the twin: the twin holds the reading where there is one and null everywhere else.
"""

import re
from typing import Final

NUMBER_PATTERN: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
"""The whole cell must match: a JSON number without exponent. `007`, `+5`, ` 12 `, `1e3`, `1,000` are text."""

TRUE_TEXTS: Final = ("true", "True", "TRUE")
FALSE_TEXTS: Final = ("false", "False", "FALSE")

_NUMBER = re.compile(NUMBER_PATTERN)


def read_number(text: str) -> float | None:
    """The nearest float64 of a number (infinite beyond its range), None when the text is no number."""
    return float(text) if _NUMBER.fullmatch(text) else None


def read_boolean(text: str) -> bool | None:
    """True or false in one of three spellings each; None for any other text."""
    if text in TRUE_TEXTS:
        return True
    return False if text in FALSE_TEXTS else None
