"""The tests of unique values on trial: on a whole upload, of which only a piece is here at a time."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from muster.errors import Overloaded, StorageFull
from muster.records.issues import RuleCode
from muster.records.rule_words import sentence
from muster.records.rules import Rule, Severity, Unique
from muster.rules.findings import Finding
from muster.tables.repeats import Repeats

_SECONDS: Final = 10.0
"""For the search of one rule, which starts when all rows were looked at."""


class UniqueTrial:
    """Collects what other rules left of an upload, and finds in it what repeats.

    rules: those of `unique_rules`, in their order. A rule for which time, memory or disk does not suffice is
    given up, and named in `given_up`; the others go on.
    """

    def __init__(self, rules: Sequence[Rule], repeats: Repeats) -> None:
        self._rules = list(rules)
        self._repeats = repeats
        self.given_up: list[str] = []

    def add(self, rows: pa.Array, table: pa.Table) -> None:
        """Rows (int64) of the upload as other rules left them; a field without a column is empty everywhere."""
        for number, rule in enumerate(self._rules):
            if rule.id in self.given_up or not {*rule.fields} <= {*table.column_names}:
                continue
            texts = [table[name].combine_chunks() for name in rule.fields]
            try:
                self._repeats.add(number, rows, texts)
            except (Overloaded, StorageFull):
                self.given_up.append(rule.id)

    def findings(self, examples: int) -> Iterator[tuple[Rule, int, list[Finding]]]:
        """Each rule in its order: how many rows it finds fault with, and the first of these.

        A row that one rule rejects is not there for the rules after it, as when a table is built.
        """
        for number, rule in enumerate(self._rules):
            test = rule.test
            if rule.id in self.given_up or not isinstance(test, Unique):
                continue
            try:
                count, first = self._repeats.find(
                    number,
                    ignore_case=test.ignore_case,
                    remove=rule.unfixed is Severity.REJECT,
                    examples=examples,
                    seconds=_SECONDS,
                )
            except (Overloaded, StorageFull):
                self.given_up.append(rule.id)
                continue
            message = sentence(test, RuleCode.DUPLICATE)
            yield (
                rule,
                count,
                [
                    Finding(row, test.fields[0], RuleCode.DUPLICATE, rule.unfixed, text, None, message)
                    for row, text in first
                ],
            )
