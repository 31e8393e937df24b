"""What a rule says of a failure: the sentence of the code, with the rule's own limits where it has some."""

from muster.records.issues import RULE_CODES, RuleCode
from muster.records.rules import (
    AnyOf,
    AnyTest,
    Before,
    Case,
    Date,
    Different,
    Enum,
    Equal,
    Greater,
    Length,
    Number,
    RequiredIf,
    Unique,
    Url,
)

_SHOWN = 10


def sentence(test: AnyTest, code: RuleCode) -> str:
    """A sentence that says what to do; it never holds the value that was sent."""
    return _own(test, code) or RULE_CODES[code]


def _own(test: AnyTest, code: RuleCode) -> str | None:
    match test, code:
        case Length(), RuleCode.TOO_SHORT:
            return f"Give at least {test.min} characters."
        case Length(), RuleCode.TOO_LONG:
            return f"Give at most {test.max} characters."
        case Number(), RuleCode.NUMBER_TOO_SMALL:
            return f"Give a number of at least {_number(test.min)}."
        case Number(), RuleCode.NUMBER_TOO_LARGE:
            return f"Give a number of at most {_number(test.max)}."
        case Number(), RuleCode.NUMBER_INVALID:
            mark = "comma" if test.decimal_comma else "point"
            return f"This is not a number; use digits and a decimal {mark}."
        case Date(), RuleCode.DATE_TOO_EARLY:
            return f"Give a date from {test.min} on."
        case Date(), RuleCode.DATE_TOO_LATE:
            return f"Give a date until {test.max}."
        case Date(), RuleCode.DATE_INVALID if test.formats:
            return f"This is not a date in the form {_listed(test.formats)}."
        case Enum(), RuleCode.ENUM_UNKNOWN:
            return f"Use one of {_listed(test.values)}."
        case Case(), RuleCode.LETTER_CASE:
            return {
                "upper": "Write the value in upper case.",
                "lower": "Write the value in lower case.",
                "title": "Write each word with a capital letter and then small ones.",
            }[test.case]
        case Url(), RuleCode.URL_SCHEME:
            return f"Begin the web address with {_listed([f'{scheme}:' for scheme in test.schemes])}."
        case AnyOf(), _:
            return f"Fill in at least one of {_listed(test.fields)}."
        case Unique(), _:
            return f"An earlier row has the same {_listed(test.fields, 'and')}; keep one of them."
        case ((Equal() | Different() | Before() | Greater() | RequiredIf()), _):
            return _against(test.other, code)
    return None


def _against(other: str, code: RuleCode) -> str | None:
    return {
        RuleCode.FIELDS_DIFFER: f"Give the same value as in `{other}`.",
        RuleCode.FIELDS_EQUAL: f"Give another value than in `{other}`.",
        RuleCode.FIELD_NOT_BEFORE: f"Give a date before the one in `{other}`.",
        RuleCode.FIELD_NOT_GREATER: f"Give a number greater than the one in `{other}`.",
        RuleCode.FIELDS_NOT_COMPARABLE: f"This and `{other}` cannot be compared; correct what is no number or no date.",
        RuleCode.FIELD_NEEDED_WITH: f"Fill in this field, because `{other}` is filled in.",
    }.get(code)


def _number(limit: float | None) -> str:
    return f"{limit:.15g}"


def _listed(words: "tuple[str, ...] | list[str]", joint: str = "or") -> str:
    shown = [f"`{word}`" for word in words[:_SHOWN]]
    if len(words) > _SHOWN:
        return f"{', '.join(shown)} and {len(words) - _SHOWN} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {joint} {shown[-1]}"
