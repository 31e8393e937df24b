"""Which rows are still without a value, what is asked for them, and what they get: as queries of the table engine.

A plan is worked through provider by provider. Before each one, the state of every row follows from the table and
from the answers so far; the rows that still lack something, and have what the provider needs, give its inputs,
each different one once. `waterfall.py` says the same in plain Python, and a property test holds them together.

Names in the queries are ours (`c3`, `k0`, `v2`); values never become part of one.
"""
# ruff: noqa: S608

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from muster.enrichments.forms import form_sql
from muster.enrichments.model import Plan, Policy, Target
from muster.enrichments.provider import Form, Input, Terms
from muster.tables.model import ROW_ID


@dataclass(frozen=True, slots=True)
class TableSql:
    """The table a plan works on. sql: gives `_row_id` and the physical columns of every visible row.

    physical: by display name, for the columns the plan names. rows: a relation of `_row_id`, the only rows
    that are meant; None: all of them.
    """

    sql: str
    physical: Mapping[str, str]
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class Waves:
    """A plan over a table. terms: of each step. answers: of each step that was worked through, a relation of
    `k<i>` (its inputs), `v<t>` (an acceptable value for target t), `outcome`, `code`, `confidence`,
    `cost`, `cached`, `at`; steps nothing was asked of are left out. joined: those that are one join of tables.
    """

    plan: Plan
    terms: Sequence[Terms]
    table: TableSql
    answers: Mapping[int, str] = field(default_factory=dict)
    joined: frozenset[int] = frozenset()

    def inputs_sql(self, step: int) -> str:
        """`k<i>`, `n` (rows), `first` (row id): each different input of a step once, in order of first rows."""
        keys = [f"k{at}" for at in range(len(self.keys(step)))]
        return (
            f"SELECT {', '.join(keys)}, count(*) AS n, min({ROW_ID}) AS first FROM ({self.asking_sql(step)}) "
            f"GROUP BY {', '.join(keys)} ORDER BY first"
        )

    def asking_sql(self, step: int) -> str:
        """`_row_id` and `k<i>` of every row a step is asked about, in no order."""
        shown = [
            f"{form_sql(self._value(column, step), need.form)} AS k{at}"
            for at, (need, column) in enumerate(self.keys(step))
        ]
        inner = (
            f"SELECT r.{ROW_ID} AS {ROW_ID}, {', '.join(shown)} FROM {self._joined(self._needed(step))} "
            f"WHERE {self._lacks(step)}"
        )
        return f"SELECT * FROM ({inner}) WHERE {self._answerable(step)}"

    def with_inputs_sql(self, step: int) -> str:
        """`_row_id` of every row that has what a step needs, whether it lacks anything or not."""
        shown = [
            f"{form_sql(self._value(column, step), need.form)} AS k{at}"
            for at, (need, column) in enumerate(self.keys(step))
        ]
        inner = f"SELECT r.{ROW_ID} AS {ROW_ID}, {', '.join(shown)} FROM {self._joined([])}"
        return f"SELECT {ROW_ID} FROM ({inner}) WHERE {self._answerable(step)}"

    def filled_sql(self, first: int, stop: int) -> str:
        """What the run gives the rows with ids from `first` up to `stop`, in their order.

        `_row_id`; for each target t `f<t>`, its value, null where it gets none, and `p<t>`, the step that is from; for
        each step s with answers `c<s>` confidence, `m<s>` cost in micros, `h<s>` whether it was in the cache, `t<s>`
        when it was asked (Unix ms); for each joined step s `o<s>`, what came of a row it was asked about.
        """
        shown = [f"r.{ROW_ID} AS {ROW_ID}"]
        for at, target in enumerate(self.plan.targets):
            steps = self._fed_by(at, len(self.plan.steps))
            free = "true" if target.is_new or target.policy is Policy.OVERWRITE else self._blank(target)
            for name, value in (("f", f"a{{}}.v{at}"), ("p", "{}")):
                cases = " ".join(
                    f"WHEN a{step}.v{at} IS NOT NULL THEN {value.format(step)}" for step in steps
                )
                shown.append(
                    f"{f'CASE WHEN NOT ({free}) THEN NULL {cases} END' if steps else 'NULL'} AS {name}{at}"
                )
        for step in sorted(self.answers):
            members = (("c", "confidence"), ("m", "cost"), ("h", "cached"), ("t", "at"))
            shown.extend(f"a{step}.{member} AS {name}{step}" for name, member in members)
        shown.extend(
            f"CASE WHEN {self._lacks(step)} THEN a{step}.outcome END AS o{step}"
            for step in sorted(self.joined)
        )
        # Which side of a join is read in order is the engine's choice; sorting costs less than it seems.
        return (
            f"SELECT {', '.join(shown)} FROM {self._joined(sorted(self.answers))} "
            f"WHERE r.{ROW_ID} >= {first:d} AND r.{ROW_ID} < {stop:d} ORDER BY r.{ROW_ID}"
        )

    def failed_sql(self, step: int) -> str:
        """`_row_id`, `step`, `code` of the rows whose input failed, or was left for want of budget."""
        failed = f"(SELECT * FROM {self.answers[step]} WHERE outcome IN ('failed', 'left'))"
        return (
            f"SELECT q.{ROW_ID} AS {ROW_ID}, {step} AS step, a.code AS code "
            f"FROM ({self.asking_sql(step)}) q JOIN {failed} a ON {self._alike(step)}"
        )

    def is_needed_later(self, step: int) -> bool:
        """Whether a later step is asked by what this one answers."""
        every = {at: f"s{at}" for at in range(len(self.plan.steps))}
        whole = replace(self, answers=every)
        return any(step in whole._needed(later) for later in range(step + 1, len(every)))

    def _alike(self, step: int) -> str:
        return " AND ".join(
            f"a.k{at} {self._equals(step, need)} q.k{at}" for at, (need, _) in enumerate(self.keys(step))
        )

    def already_sql(self) -> str:
        """One row: `rows`, and for each target t `a<t>`, how many of them have a value now."""
        counted = [
            f"count(*) FILTER (WHERE NOT ({self._blank(target)})) AS a{at}"
            if not target.is_new
            else f"0 AS a{at}"
            for at, target in enumerate(self.plan.targets)
        ]
        return f"SELECT {', '.join(['count(*) AS rows', *counted])} FROM {self._joined([])}"

    def _equals(self, step: int, need: Input) -> str:
        """How an input is compared: one that may be missing equals a missing one."""
        return "=" if need.required and not self.terms[step].needs_one else "IS NOT DISTINCT FROM"

    def keys(self, step: int) -> Sequence[tuple[Input, str]]:
        """The inputs of a step that have a column, in the order of its terms."""
        columns = self.plan.steps[step].inputs
        return [(need, columns[need.name]) for need in self.terms[step].needs if need.name in columns]

    def _joined(self, steps: Sequence[int]) -> str:
        parts = [f"({self.table.sql}) r"]
        if self.table.rows is not None:
            parts.append(f"SEMI JOIN {self.table.rows} only_rows ON only_rows.{ROW_ID} = r.{ROW_ID}")
        for step in steps:
            on = " AND ".join(
                f"a{step}.k{at} {self._equals(step, need)} {form_sql(self._value(column, step), need.form)}"
                for at, (need, column) in enumerate(self.keys(step))
            )
            parts.append(f"LEFT JOIN {self.answers[step]} a{step} ON {on}")
        return " ".join(parts)

    def _needed(self, step: int) -> list[int]:
        """The earlier steps whose answers tell what a step is asked, in order."""
        found: set[int] = set()
        waiting = [step]
        while waiting:
            at = waiting.pop()
            columns = {column for _, column in self.keys(at)}
            if at == step:
                columns |= set(self.plan.steps[at].outputs.values())
            for target_at, target in enumerate(self.plan.targets):
                if target.column in columns:
                    new = set(self._fed_by(target_at, at)) - found
                    found |= new
                    waiting.extend(new)
        return sorted(found)

    def _fed_by(self, target: int, before: int) -> list[int]:
        """The steps before `before` that were asked for a target."""
        feeding = self.plan.feeding(self.plan.targets[target].column)
        return [step for step, _ in feeding if step < before and step in self.answers]

    def _value(self, column: str, before: int) -> str:
        """What a column holds when a step begins: of the table, or of the steps before it."""
        physical = self.table.physical.get(column)
        own = None if physical is None else f'r."{physical}"'
        at = next((at for at, target in enumerate(self.plan.targets) if target.column == column), None)
        if at is None:
            return own or "NULL::VARCHAR"
        target = self.plan.targets[at]
        given = [f"a{step}.v{at}" for step in self._fed_by(at, before)]
        if own is not None and target.policy is Policy.OVERWRITE:
            given.append(own)
        elif own is not None and not target.is_new:
            given.insert(0, f"CASE WHEN {self._blank(target)} THEN NULL ELSE {own} END")
        return f"coalesce({', '.join(given)})" if given else "NULL::VARCHAR"

    def _blank(self, target: Target) -> str:
        physical = self.table.physical.get(target.column)
        return "true" if physical is None else f"""({form_sql(f'r."{physical}"', Form.TRIMMED)}) IS NULL"""

    def _lacks(self, step: int) -> str:
        """Whether a row still lacks something the step may give."""
        lacking = []
        for at, _ in self.plan.targets_of(step):
            target = self.plan.targets[at]
            conditions = [f"a{earlier}.v{at} IS NULL" for earlier in self._fed_by(at, step)]
            if target.policy is Policy.FILL_EMPTY and not target.is_new:
                conditions.append(self._blank(target))
            lacking.append(f"({' AND '.join(conditions)})" if conditions else "true")
        return f"({' OR '.join(lacking)})"

    def _answerable(self, step: int) -> str:
        """Whether the inputs a provider cannot do without are there."""
        keys = self.keys(step)
        if self.terms[step].needs_one:
            return " OR ".join(f"k{at} IS NOT NULL" for at in range(len(keys)))
        required = [f"k{at} IS NOT NULL" for at, (need, _) in enumerate(keys) if need.required]
        return " AND ".join(required) or "true"
