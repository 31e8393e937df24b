"""JSON to rules and back, with a pointer to every mistake."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from muster.errors import InputError, Issue
from muster.records.checks.dates import format_problem
from muster.records.checks.patterns import pattern_problem
from muster.records.checks.phones import REGIONS
from muster.records.checks.texts import folded
from muster.records.rules import (
    FIXING,
    MAX_FIELD_CHARACTERS,
    MAX_NAME_CHARACTERS,
    TESTS,
    WITHOUT_FIELD,
    AnyTest,
    Boolean,
    Date,
    Length,
    Number,
    Pattern,
    Phone,
    Rule,
    Severity,
    Test,
)

MEMBERS: Final = ("name", "field", "test", "severity", "otherwise", "enabled")
_KINDS: Final = ", ".join(TESTS)
_AT: Final = re.compile(r" - at `\$(.*)`$")


def rule_json(rule: Rule) -> dict[str, Any]:
    """The rule as it is stored and sent; `parse_rule` reads it back."""
    shown: dict[str, Any] = {
        "name": rule.name,
        "field": rule.field,
        "test": msgspec.to_builtins(rule.test),
        "severity": rule.severity.value,
        "otherwise": rule.otherwise.value,
        "enabled": rule.enabled,
    }
    return shown


def parse_rule(sent: object, *, rule_id: str = "", pointer: str = "") -> Rule:
    """The rule that `sent` (decoded JSON) describes. pointer: where it stands in the body.

    Raises InputError (`rule_invalid`) whose issues name every mistake.
    """
    issues: list[Issue] = []
    rule = _rule(sent, rule_id, pointer, issues)
    if issues or rule is None:
        count = f" ({len(issues) - 1} more in `errors`)" if len(issues) > 1 else ""
        raise InputError(
            f"This rule cannot be used: {issues[0].message}{count}", code="rule_invalid", issues=issues
        )
    return rule


def _rule(sent: object, rule_id: str, pointer: str, issues: list[Issue]) -> Rule | None:
    if not isinstance(sent, Mapping):
        issues.append(_issue(None, pointer, "A rule is a JSON object."))
        return None
    if not sent.keys() <= set(MEMBERS):
        issues.append(_issue(None, pointer, f"A member is not known here. Known are: {', '.join(MEMBERS)}."))
    test = _test(sent.get("test"), f"{pointer}/test", issues)
    name = _name(sent.get("name"), f"{pointer}/name", issues)
    field = _field(sent.get("field"), type(test), f"{pointer}/field", issues)
    severity = _severity(
        sent.get("severity", Severity.REJECT), tuple(Severity), f"{pointer}/severity", issues
    )
    unfixed = (Severity.REJECT, Severity.WARN)
    otherwise = _severity(sent.get("otherwise", Severity.REJECT), unfixed, f"{pointer}/otherwise", issues)
    enabled = sent.get("enabled", True)
    if not isinstance(enabled, bool):
        issues.append(_issue("enabled", f"{pointer}/enabled", "`enabled` is true or false."))
    if test is not None and severity is Severity.FIX and not isinstance(test, FIXING):
        can = ", ".join(kind for kind, shape in TESTS.items() if issubclass(shape, FIXING))
        message = f"This test knows no better value, so nothing can be fixed. `fix` works with {can}."
        issues.append(_issue("severity", f"{pointer}/severity", message))
    if issues or test is None:
        return None
    return Rule(rule_id, name, field, test, severity, otherwise, bool(enabled))


def _name(sent: object, pointer: str, issues: list[Issue]) -> str:
    if isinstance(sent, str) and sent.strip() and len(sent) <= MAX_NAME_CHARACTERS and sent.isprintable():
        return sent
    message = f"Give a name of 1 to {MAX_NAME_CHARACTERS} printable characters, not only blanks."
    issues.append(_issue("name", pointer, message))
    return ""


def _field(sent: object, test: type[Any], pointer: str, issues: list[Issue]) -> str | None:
    if issubclass(test, WITHOUT_FIELD):
        if sent is not None:
            issues.append(_issue("field", pointer, "This test names its fields itself; leave `field` out."))
        return None
    if isinstance(sent, str) and 1 <= len(sent) <= MAX_FIELD_CHARACTERS and _is_storable(sent):
        return sent
    message = f"Name the field to test, with 1 to {MAX_FIELD_CHARACTERS} characters."
    issues.append(_issue("field", pointer, message))
    return None


def _severity(sent: object, allowed: tuple[Severity, ...], pointer: str, issues: list[Issue]) -> Severity:
    if isinstance(sent, str) and sent in allowed:
        return Severity(sent)
    member = pointer.rpartition("/")[2]
    issues.append(_issue(member, pointer, f"`{member}` is one of {', '.join(allowed)}."))
    return Severity.REJECT


def _test(sent: object, pointer: str, issues: list[Issue]) -> AnyTest | None:
    if not isinstance(sent, Mapping):
        issues.append(_issue("test", pointer, f"Give the test as an object with `kind`, one of {_KINDS}."))
        return None
    kind = sent.get("kind")
    shape = TESTS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        issues.append(_issue("test", f"{pointer}/kind", f"`kind` is one of {_KINDS}."))
        return None
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    values: dict[str, Any] = {}
    found: list[Issue] = []
    for member, value in sent.items():
        if member == "kind":
            continue
        if member not in fields:
            known = f"Known are: {', '.join(fields)}." if fields else "It has none but `kind`."
            found.append(_issue("test", pointer, f"A member of the test is not known here. {known}"))
            continue
        try:
            values[member] = msgspec.convert(value, fields[member].type)
        except msgspec.ValidationError as error:
            found.append(_of_type_error(member, f"{pointer}/{member}", str(error)))
        else:
            found += _storable_issues(member, values[member], f"{pointer}/{member}")
    for member, field in fields.items():
        if field.required and member not in sent:
            found.append(_issue("test", f"{pointer}/{member}", f"Give `{member}`."))
    if found:
        issues += found
        return None
    test: Any = shape(**values)
    problems = list(_meaning(test, pointer))
    issues += problems
    return None if problems else test


def _meaning(test: Test, pointer: str) -> Iterable[Issue]:
    """Mistakes that the types of members cannot express."""
    match test:
        case Length() if test.max is not None and test.max < test.min:
            yield _issue("max", f"{pointer}/max", "`max` must not be below `min`.")
        case Number() | Date() if test.min is not None and test.max is not None and test.max < test.min:  # type: ignore[operator]
            yield _issue("max", f"{pointer}/max", "`max` must not be below `min`.")
        case Phone() if test.region is not None and test.region not in REGIONS:
            message = "`region` is the two-letter code of a country with phone numbers, such as DE."
            yield _issue("region", f"{pointer}/region", message)
        case Pattern():
            problem = pattern_problem(test)
            if problem is not None:
                yield _issue("pattern", f"{pointer}/pattern", problem[0])
        case Boolean() if {folded(word) for word in test.true} & {folded(word) for word in test.false}:
            yield _issue("false", f"{pointer}/false", "A word stands in both lists; keep it in one.")
    if isinstance(test, Date):
        for at, text in enumerate(test.formats):
            problem_text = format_problem(text)
            if problem_text is not None:
                yield _issue("formats", f"{pointer}/formats/{at}", problem_text)


def _storable_issues(member: str, value: object, pointer: str) -> list[Issue]:
    texts = value if isinstance(value, tuple) else (value,)
    if all(_is_storable(text) for text in texts if isinstance(text, str)):
        return []
    return [_issue(member, pointer, "The text holds a NUL character or half a character; remove it.")]


def _is_storable(text: str) -> bool:
    """Whether every database takes it: no NUL, no lone surrogates."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _of_type_error(member: str, pointer: str, text: str) -> Issue:
    at = _AT.search(text)
    steps = re.findall(r"\[(\d+)\]", at[1]) if at else []
    why = _AT.sub("", text).replace("`", "")
    return _issue(member, "/".join([pointer, *steps]), f"`{member}`: {why}.")


def _issue(field: str | None, pointer: str, message: str) -> Issue:
    return Issue(None, field, pointer, "rule_invalid", message)
