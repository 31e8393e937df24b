"""Rules on trial: on values, on records, on a whole upload; nothing is kept."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from muster.errors import InputError, Issue
from muster.records.issues import RuleCode
from muster.records.rules import Rule, Severity
from muster.rules.apply import apply_rules, identity, unique_rules
from muster.rules.findings import Finding, Findings
from muster.rules.try_unique import UniqueTrial
from muster.rules.unique import duplicates
from muster.tables.engine import EngineLimits
from muster.tables.repeats import Repeats

MAX_EXAMPLES = 100
EXAMPLES_OF_EACH = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one value or record. outcome: `accepted`, `accepted_with_warnings` or `rejected`.

    findings: in the order of the rules. values: of the fields as rules leave them, as sent when rejected.
    """

    outcome: str
    findings: Sequence[Finding]
    values: Mapping[str, str | None]


@dataclass(slots=True)
class TriedUpload:
    """What rules would do to an upload. rows = accepted + rejected; is_complete: all rows were looked at.

    counts: (field, code, severity) to how often. examples: the first EXAMPLES_OF_EACH of these, MAX_EXAMPLES in
    all, their index is the row of the upload. not_tried: ids of rules on unique values for which time, memory
    or disk did not suffice. Of a record that repeats another one, what other rules found is counted, too.
    """

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    is_complete: bool = True
    counts: Counter[tuple[str | None, str, str]] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)
    not_tried: list[str] = field(default_factory=list)


def try_values(rule: Rule, values: Sequence[str | None]) -> Sequence[Tried]:
    """One rule on each value, as if each stood alone in a record. Tests of several fields need records.

    Raises InputError (`records_needed`) for such a test.
    """
    if rule.field is None or len(rule.fields) > 1:
        message = "This test looks at several fields. Try it on `records` instead of `values`."
        issue = Issue(None, "values", "/values", "records_needed", message)
        raise InputError(message, code="records_needed", issues=[issue])
    return try_records([rule], [{rule.field: value} for value in values])


def try_records(rules: Sequence[Rule], records: Sequence[Mapping[str, str | None]]) -> Sequence[Tried]:
    """Rules on records, the ones on unique values as if the records were the whole upload."""
    names = list(dict.fromkeys(name for record in records for name in record))
    table = pa.table(
        {name: pa.array([record.get(name) for record in records], pa.large_string()) for name in names}
    )
    if not names:  # an Arrow table without columns has no rows either
        table = pa.table({"": pa.nulls(len(records), pa.large_string())})
    applied = apply_rules(rules, table)
    found: list[list[Finding]] = [[] for _ in records]
    for finding in (*applied.findings, *applied.rejected):
        found[finding.index].append(finding)
    gone = set(applied.rejected.indexes())
    fixed = applied.table.to_pylist()
    for rule in unique_rules(rules):
        for finding in duplicates(rule, fixed, gone):
            found[finding.index].append(finding)
            if finding.severity == Severity.REJECT:
                gone.add(finding.index)
    return [
        Tried(
            "rejected" if at in gone else "accepted_with_warnings" if found[at] else "accepted",
            [one for one in found[at] if at not in gone or one.severity == Severity.REJECT],
            {name: (record if at in gone else fixed[at]).get(name) for name in record},
        )
        for at, record in enumerate(records)
    ]


def try_upload(
    rules: Sequence[Rule],
    tables: Iterator[pa.Table],
    engine: EngineLimits,
    is_time_up: Callable[[], bool] = lambda: False,
) -> TriedUpload:
    """The identity rule and these rules on an upload, piece by piece, until the end or until time is up.

    Tests of unique values come last, as when a table is built, and look at the rows seen until then; their
    texts are held by the engine within its limits.
    """
    tried = TriedUpload()
    with Repeats(engine) as repeats:
        unique = UniqueTrial(unique_rules(rules), repeats)
        for table in tables:
            _piece(rules, table, tried, unique)
            if is_time_up():
                tried.is_complete = next(tables, None) is None
                break
        for rule, count, examples in unique.findings(EXAMPLES_OF_EACH):
            _count_repeats(rule, count, examples, tried)
        tried.not_tried.extend(unique.given_up)
    return tried


def _piece(rules: Sequence[Rule], table: pa.Table, tried: TriedUpload, unique: UniqueTrial) -> None:
    nameless = identity(table)
    known, rows = table, pa.arange(0, table.num_rows)
    if len(nameless):
        rows = rows.filter(pc.invert(pc.is_in(rows, _indexes(nameless))))
        known = table.take(rows)
    applied = apply_rules(rules, known)
    _count(nameless, pa.arange(0, table.num_rows), tried)
    _count(applied.rejected, rows, tried)
    _count(applied.findings, rows, tried)
    left = pc.invert(pc.is_in(pa.arange(0, len(rows)), _indexes(applied.rejected)))
    unique.add(pc.add(rows.filter(left), tried.rows), applied.table.filter(left))
    rejected = len(nameless) + len(applied.rejected)
    tried.rows += table.num_rows
    tried.rejected += rejected
    tried.accepted += table.num_rows - rejected


def _indexes(findings: Findings) -> pa.Array:
    return findings.table["index"].combine_chunks()


def _count_repeats(rule: Rule, count: int, examples: Sequence[Finding], tried: TriedUpload) -> None:
    if not count:
        return
    severity = rule.unfixed.value
    key = (rule.fields[0], RuleCode.DUPLICATE.value, severity)
    wanted = min(EXAMPLES_OF_EACH - tried.counts[key], MAX_EXAMPLES - len(tried.examples))
    tried.counts[key] += count
    tried.examples.extend(examples[: max(0, wanted)])
    if severity == Severity.REJECT:
        tried.rejected += count
        tried.accepted -= count


def _count(findings: Findings, rows: pa.Array, tried: TriedUpload) -> None:
    """Add findings; rows says which row of the piece an index means, and examples get the row of the upload."""
    if not len(findings):
        return
    names = ["field", "code", "severity"]
    plain = pa.table({name: findings.table[name].cast(pa.string()).combine_chunks() for name in names})
    plain = plain.append_column("at", pa.arange(0, len(plain)))
    for group in plain.group_by(names, use_threads=False).aggregate([("at", "list")]).to_pylist():
        key = (group["field"], group["code"], group["severity"])
        wanted = min(EXAMPLES_OF_EACH - tried.counts[key], MAX_EXAMPLES - len(tried.examples))
        tried.counts[key] += len(group["at_list"])
        for at in group["at_list"][: max(0, wanted)]:
            one = findings[at]
            tried.examples.append(replace(one, index=tried.rows + rows[one.index].as_py()))
