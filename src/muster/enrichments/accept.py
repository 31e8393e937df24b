"""Which values a target takes: sure enough, and passing its test; the rest goes on to the next provider."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muster.enrichments.model import Plan, Target
from muster.errors import InputError
from muster.records.checks.choose import value_check
from muster.records.checks.verdict import Check, is_blank
from muster.records.rule_parse import parse_rule
from muster.records.rules import ValueTest


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What target number `target` takes of the output that feeds it."""

    target: int
    output: str
    min_confidence: float
    check: Check | None

    def accepted(self, answer: pa.RecordBatch, is_found: pa.Array, confidence: pa.Array) -> pa.Array:
        """The values of the output, null where the target does not take them."""
        values = answer.column(self.output)
        takes = is_found
        if self.min_confidence > 0:
            takes = pc.and_(takes, pc.greater_equal(confidence, pa.scalar(self.min_confidence, pa.float32())))
        if self.check is not None:
            encoded = values.dictionary_encode()
            passes = pa.array(
                [not is_blank(text) and self.check(text).is_ok for text in encoded.dictionary.to_pylist()],
                pa.bool_(),
            )
            takes = pc.and_(takes, pc.fill_null(passes.take(encoded.indices), False))
        return pc.if_else(takes, values, pa.scalar(None, pa.large_string()))


def acceptances(plan: Plan, step: int) -> list[Acceptance]:
    """What the targets of a step take; the plan was checked when it was made."""
    found = []
    for at, output in plan.targets_of(step):
        target = plan.targets[at]
        found.append(Acceptance(at, output, target.min_confidence, _check(target)))
    return found


def check_accept(column: str, accept: Mapping[str, Any], pointer: str) -> None:
    """Raise InputError, pointing below `pointer`, for a test that is none, or none of single values."""
    try:
        rule = parse_rule({"name": "accept", "field": column, "test": dict(accept)})
    except InputError as error:
        issues = [
            replace(issue, pointer=pointer + issue.pointer.removeprefix("/test")) for issue in error.issues
        ]
        raise InputError(error.message, code=error.error_code, issues=issues) from error
    if not isinstance(rule.test, ValueTest):
        raise InputError(
            "Values are accepted by a test of one value, such as `email`, `phone`, `pattern` or `length`.",
            code="accept_invalid",
        )


def _check(target: Target) -> Check | None:
    if target.accept is None:
        return None
    test = parse_rule({"name": "accept", "field": target.column, "test": dict(target.accept)}).test
    return value_check(test) if isinstance(test, ValueTest) else None
