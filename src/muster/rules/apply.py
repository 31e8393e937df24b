"""Rules on a table of text columns, each distinct value looked at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from muster.records.checks.choose import value_check
from muster.records.checks.pairs import pair_check
from muster.records.checks.verdict import Verdict
from muster.records.fields import IDENTITY_FIELDS
from muster.records.issues import RECORD_CODES, RecordCode, RuleCode
from muster.records.rule_words import sentence
from muster.records.rules import AnyOf, PairTest, Required, Rule, Severity, Trim, Unique, ValueTest
from muster.rules.findings import Findings, finding_batch
from muster.rules.ordinary import blank, surely_fine
from muster.rules.pairs import distinct_pairs, surely_fine_pairs

_NOTHING_MAPPED = (
    "No column of this file is one of " + ", ".join(f"`{name}`" for name in IDENTITY_FIELDS) + ". "
    "Map the column that holds it to one of these fields."
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What rules made of a table.

    table: every row, in its order, with fixed values in place. rejected: one finding for each row that a
    rule rejects, the first one. findings: warnings and fixes of the rows that stay. All indexes are rows of
    the table that was handed in; a rejected row is best shown from there, as it was sent.
    """

    table: pa.Table
    rejected: Findings
    findings: Findings


@dataclass(slots=True)
class _Work:
    """The table while rules go over it. alive: not rejected so far."""

    rows: int
    columns: dict[str, pa.Array]
    alive: pa.Array
    rejected: list[pa.RecordBatch] = field(default_factory=list)
    noted: list[pa.RecordBatch] = field(default_factory=list)

    def column(self, name: str | None) -> pa.Array:
        """The column, or one of nothing but nulls."""
        found = None if name is None else self.columns.get(name)
        return pa.nulls(self.rows, pa.large_string()) if found is None else found


def unique_rules(rules: Sequence[Rule]) -> Sequence[Rule]:
    """The enabled rules that need the whole upload at once: `apply_rules` leaves them out.

    Their test says which fields (`fields`) hold which text (`ignore_case`) only once; rows in which one of
    the fields is null are no duplicates. The first row of its kind is kept.
    """
    return [rule for rule in rules if rule.enabled and isinstance(rule.test, Unique)]


def apply_rules(rules: Sequence[Rule], table: pa.Table) -> Applied:
    """Enabled rules in their order; a fix is seen by the rules after it, a rejected row by none.

    table: text columns (large_string), named as the rules name fields; a field without a column is empty
    everywhere. About 500,000 rows a call keep memory small. Nothing here fails for what a table holds.
    """
    work = _Work(
        table.num_rows,
        {
            name: _whole(table[name])
            for name in {name for rule in rules for name in rule.fields} & {*table.column_names}
        },
        pa.repeat(pa.scalar(True), table.num_rows),
    )
    for rule in rules:
        if rule.enabled and work.rows:
            _apply(rule, work)
    for at, name in enumerate(table.column_names):
        if name in work.columns:
            table = table.set_column(at, name, work.columns[name])
    findings = Findings.of(work.noted)
    if work.rejected and len(findings):
        stays = work.alive.take(findings.table["index"].combine_chunks())
        findings = Findings(findings.table.filter(stays))
    return Applied(table, Findings.of(work.rejected), findings)


def identity(table: pa.Table) -> Findings:
    """The built-in rule: a finding for each row in which no identity field holds more than blanks."""
    rows = table.num_rows
    present = [name for name in IDENTITY_FIELDS if name in table.column_names]
    missing: pa.Array | None = None
    for name in present:
        empty = blank(_whole(table[name]))
        missing = empty if missing is None else pc.and_(missing, empty)
        if not pc.any(missing, min_count=0).as_py():
            return Findings.empty()
    if missing is None:
        everywhere = pa.array(range(rows), pa.int64())
        return Findings.of([_identity(everywhere, None, RecordCode.IDENTITY_MISSING, _NOTHING_MAPPED)])
    batches = []
    for name in present:
        filled = pc.and_(missing, pc.is_valid(_whole(table[name])))
        batches.append(_identity(_rows_of(filled), name, RecordCode.IDENTITY_BLANK))
        missing = pc.and_not(missing, filled)
    batches.append(_identity(_rows_of(missing), None, RecordCode.IDENTITY_MISSING))
    return Findings.of([batch for batch in batches if batch.num_rows])


def _identity(
    rows: pa.Array, name: str | None, code: RecordCode, message: str | None = None
) -> pa.RecordBatch:
    nothing = pa.nulls(len(rows), pa.large_string())
    return finding_batch(
        rows,
        field=name,
        severity=Severity.REJECT,
        codes=_one_word(code, len(rows)),
        messages=_one_word(message or RECORD_CODES[code], len(rows)),
        values=nothing,
        fixed=nothing,
    )


def _apply(rule: Rule, work: _Work) -> None:
    test = rule.test
    if isinstance(test, Unique):
        return
    if isinstance(test, Required | AnyOf):
        names = (rule.field,) if isinstance(test, Required) else test.fields
        fails = work.alive
        for name in names:
            fails = pc.and_(fails, blank(work.column(name)))
        code = RuleCode.REQUIRED if isinstance(test, Required) else RuleCode.FIELD_ANY_OF
        _judge(rule, work, _rows_of(fails), [Verdict(False, code)], None)
    elif isinstance(test, PairTest):
        _pairs(rule, test, work)
    else:
        _values(rule, test, work)


def _values(rule: Rule, test: ValueTest, work: _Work) -> None:
    column = work.columns.get(rule.field or "")
    if column is None:
        return
    looked_at = pc.and_(
        work.alive, pc.is_valid(column) if isinstance(test, Trim) else pc.invert(blank(column))
    )
    fine = surely_fine(test, column)
    if fine is not None:
        looked_at = pc.and_not(looked_at, pc.fill_null(fine, False))
    rows = _rows_of(looked_at)
    if not len(rows):
        return
    encoded = column.take(rows).dictionary_encode()
    check = value_check(test)
    _judge(rule, work, rows, [check(value) for value in encoded.dictionary.to_pylist()], encoded.indices)


def _pairs(rule: Rule, test: PairTest, work: _Work) -> None:
    one, other = work.column(rule.field), work.column(test.other)
    rows = _rows_of(pc.and_not(work.alive, surely_fine_pairs(test, one, other)))
    if not len(rows):
        return
    pairs, which = distinct_pairs(one.take(rows), other.take(rows))
    check = pair_check(test)
    codes = (check(*pair) for pair in pairs)
    _judge(rule, work, rows, [Verdict(code is None, code) for code in codes], which)


def _judge(
    rule: Rule, work: _Work, rows: pa.Array, verdicts: Sequence[Verdict], which: pa.Array | None
) -> None:
    """Do what the rule says with rows whose verdict is verdicts[which]; which None: all have the first."""
    outcomes = [_outcome(rule, verdict) for verdict in verdicts]
    for severity in dict.fromkeys(outcomes):
        if severity is None:
            continue
        chosen, of = rows, which
        if of is not None:
            hit = pc.indices_nonzero(pa.array([found is severity for found in outcomes]).take(of))
            chosen, of = rows.take(hit), of.take(hit)
        if not len(chosen):
            continue
        fixed = pa.nulls(len(chosen), pa.large_string())
        if severity is Severity.FIX and of is not None:
            fixed = pa.array([verdict.fixed for verdict in verdicts], pa.large_string()).take(of)
        column = work.column(rule.field)
        batch = finding_batch(
            chosen,
            field=rule.field,
            severity=severity,
            codes=_words(verdicts, of, len(chosen), lambda code: code),
            messages=_words(verdicts, of, len(chosen), lambda code: sentence(rule.test, code)),
            values=column.take(chosen),
            fixed=fixed,
        )
        if severity is Severity.REJECT:
            work.rejected.append(batch)
            work.alive = pc.and_not(work.alive, _mask(chosen, work.rows))
        else:
            work.noted.append(batch)
        if severity is Severity.FIX and rule.field is not None:
            put = pc.if_else(pc.equal(fixed, ""), pa.scalar(None, pa.large_string()), fixed)
            work.columns[rule.field] = pc.replace_with_mask(column, _mask(chosen, work.rows), put)


def _outcome(rule: Rule, verdict: Verdict) -> Severity | None:
    """What happens to a value with this verdict."""
    if rule.severity is Severity.FIX and verdict.fixed is not None:
        return Severity.FIX
    return None if verdict.is_ok else rule.unfixed


def _words(
    verdicts: Sequence[Verdict], which: pa.Array | None, length: int, word: Callable[[RuleCode], str]
) -> pa.Array:
    """The word of each row's code; few different ones, so they are told apart here, not row by row."""
    codes = list(dict.fromkeys(verdict.code for verdict in verdicts if verdict.code is not None))
    if which is None:
        return _one_word(word(codes[0]), length)
    place = {code: at for at, code in enumerate(codes)}
    numbers = pa.array([None if v.code is None else place[v.code] for v in verdicts], pa.int32())
    return pa.DictionaryArray.from_arrays(numbers.take(which), pa.array([str(word(code)) for code in codes]))


def _one_word(word: str, length: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), length), pa.array([str(word)]))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """One array of large_string."""
    joined = column.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = pa.concat_arrays(joined.chunks) if joined.num_chunks else pa.array([], column.type)
    return joined if joined.type == pa.large_string() else joined.cast(pa.large_string())


def _rows_of(mask: pa.Array) -> pa.Array:
    return pc.indices_nonzero(mask).cast(pa.int64())


def _mask(rows: pa.Array, length: int) -> pa.Array:
    """True at these rows (sorted)."""
    if len(rows) == length:
        return pa.repeat(pa.scalar(True), length)
    return pc.is_in(pa.arange(0, length), rows)
