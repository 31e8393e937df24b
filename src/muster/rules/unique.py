"""Unique values among a few records; of a whole upload the engine finds them (try_unique.py, tables)."""

from collections.abc import Container, Iterator, Mapping, Sequence

from muster.records.checks.texts import folded
from muster.records.checks.verdict import is_blank
from muster.records.issues import RuleCode
from muster.records.rule_words import sentence
from muster.records.rules import Rule, Unique
from muster.rules.findings import Finding


def duplicates(
    rule: Rule, records: Sequence[Mapping[str, str | None]], gone: Container[int]
) -> Iterator[Finding]:
    """A finding for each record that repeats an earlier one. gone: indexes of records that do not count."""
    test = rule.test
    if not isinstance(test, Unique):
        raise ValueError("only a test of unique values looks for duplicates")
    message = sentence(test, RuleCode.DUPLICATE)
    seen: set[tuple[str, ...]] = set()
    for at, record in enumerate(records):
        texts = [text for text in map(record.get, test.fields) if text is not None and not is_blank(text)]
        if at in gone or len(texts) < len(test.fields):
            continue
        key = tuple(folded(text) for text in texts) if test.ignore_case else tuple(texts)
        if key in seen:
            yield Finding(at, test.fields[0], RuleCode.DUPLICATE, rule.unfixed, texts[0], None, message)
        seen.add(key)
