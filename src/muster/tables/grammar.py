"""MAP: what text must look like to be an integer, a number, a truth value, a day or a moment; pure.

Numbers and truth values are what filters read as such (`predicates/readings.py`), so a filter finds the same
rows with and without a typed twin. The patterns mean the whole text and run in Python's `re` and in RE2.
They are strict on purpose: `007`, `+49 30 1234`, `1e5` and ` 5` are text, because as numbers they would be
something else than what was sent.
"""

from typing import Final

from muster.predicates.readings import FALSE_TEXTS, NUMBER_PATTERN, TRUE_TEXTS

INTEGER: Final = r"-?(?:0|[1-9][0-9]*)"
NUMBER: Final = NUMBER_PATTERN
BOOLEAN: Final = "|".join((*TRUE_TEXTS, *FALSE_TEXTS))
DATE: Final = r"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
"""A day of the years 1000 to 9999; whether the month has that day is the calendar's to say."""
TIME_ZONE: Final = r"Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]"
TIMESTAMP: Final = (
    DATE + r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:" + TIME_ZONE + ")?"
)
"""A day and a time of it; without a zone it is UTC."""

DECIMAL_COMMA: Final = r"-?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?"
"""A number as files with a decimal comma write it: `1.234,56`."""

MAX_INTEGER_DIGITS: Final = 15
"""Longer ones are account numbers and the like, and a 64-bit float would not hold all of them."""
