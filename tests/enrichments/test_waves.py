"""The queries of `waves.py` and the plain Python of `waterfall.py` say the same, for random plans and rows."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from muster.enrichments.model import Plan, Policy, Step, Target
from muster.enrichments.provider import Form, Input, Output, Terms
from muster.enrichments.waterfall import Inputs, RowState, Values, pour
from muster.enrichments.waves import TableSql, Waves
from muster.tables.engine import EngineLimits
from muster.tables.queries import Queries

COLUMNS = ("a", "b", "c", "d")
WORDS = (None, "", "  ", "x", "X ", "y", "Zoë", "ZOE\u0308", "z")


def random_plan(dice: random.Random) -> tuple[Plan, list[Terms]]:
    """Up to four steps over four columns of the table and up to two new ones; later ones may need new columns."""
    names = [*COLUMNS]
    columns = [*COLUMNS[2:], "new1", "new2"]
    steps, terms = [], []
    for _ in range(dice.randint(1, 4)):
        needs = dice.sample(names, dice.randint(1, 2))
        inputs = tuple(
            Input(
                f"i{at}",
                "",
                "",
                form=dice.choice([Form.TRIMMED, Form.FOLDED, Form.EXACT]),
                required=at == 0 or dice.random() < 0.5,
            )
            for at in range(len(needs))
        )
        gives = dice.sample(columns, dice.randint(1, 2))
        outputs = tuple(Output(f"o{at}", "", "", column) for at, column in enumerate(gives))
        terms.append(Terms(inputs, outputs, needs_one=dice.random() < 0.3))
        steps.append(
            Step(
                f"p{len(steps)}",
                "1",
                {f"i{at}": name for at, name in enumerate(needs)},
                {f"o{at}": column for at, column in enumerate(gives)},
            )
        )
        names = list(dict.fromkeys([*names, *gives]))
    filled = list(dict.fromkeys(column for step in steps for column in step.outputs.values()))
    targets = tuple(
        Target(column, dice.choice(list(Policy)), is_new=column not in COLUMNS) for column in filled
    )
    return Plan(tuple(steps), targets), terms


def answer_of(plan: Plan, step: int, inputs: Inputs) -> Values:
    """Any answer, but always the same one for the same question."""
    dice = random.Random(repr((step, inputs)))  # noqa: S311
    return {at: dice.choice(["v1", "v2", "x", "y"]) for at, _ in plan.targets_of(step) if dice.random() < 0.5}


class _ByEngine:
    """Works the plan off with the queries, keeping answers as tables of Arrow."""

    def __init__(self, plan: Plan, terms: Sequence[Terms], rows: pa.Table, queries: Queries) -> None:
        self._plan = plan
        self._terms = terms
        self._queries = queries
        self._tables: dict[str, pa.Table] = {"rows": rows}
        self.asked: list[list[Inputs]] = []

    def waves(self) -> Waves:
        physical = {name: f"c{at}" for at, name in enumerate(COLUMNS)}
        answers = {int(name[1:]): name for name in self._tables if name != "rows"}
        return Waves(self._plan, self._terms, TableSql("SELECT * FROM rows", physical), answers)

    def run(self) -> list[Mapping[str, object]]:
        for step in range(len(self._plan.steps)):
            keys = [f"k{at}" for at in range(len(self.waves().keys(step)))]
            found = self._queries.run(self.waves().inputs_sql(step), self._tables)
            inputs: list[Inputs] = list(zip(*(found[key].to_pylist() for key in keys), strict=True))
            self.asked.append(inputs)
            if inputs:
                self._tables[f"s{step}"] = self._answers(step, keys, inputs)
        filled = self._queries.run(self.waves().filled_sql(0, 1000), self._tables)
        return filled.to_pylist()

    def _answers(self, step: int, keys: Sequence[str], inputs: Sequence[Inputs]) -> pa.Table:
        told = [answer_of(self._plan, step, each) for each in inputs]
        columns = {key: [each[at] for each in inputs] for at, key in enumerate(keys)}
        columns |= {f"v{at}": [values.get(at) for values in told] for at, _ in self._plan.targets_of(step)}
        table = pa.table({name: pa.array(values, pa.large_string()) for name, values in columns.items()})
        rows = len(inputs)
        for name, value, kind in (
            ("outcome", "found", pa.string()),
            ("code", None, pa.large_string()),
            ("confidence", 1.0, pa.float32()),
            ("cost", 0, pa.int64()),
            ("cached", False, pa.bool_()),
            ("at", 0, pa.int64()),
        ):
            table = table.append_column(name, pa.array([value] * rows, kind))
        return table


@pytest.fixture
def queries(tmp_path: Path) -> Queries:
    return Queries(EngineLimits(tmp_path / "engine", 512 * 1024**2, 2, 1024**3))


@pytest.mark.parametrize("seed", range(60))
def test_the_engine_and_plain_python_agree(seed: int, queries: Queries) -> None:
    dice = random.Random(seed)  # noqa: S311
    plan, terms = random_plan(dice)
    values = [{name: dice.choice(WORDS) for name in COLUMNS} for _ in range(dice.randint(0, 40))]
    columns = {f"c{at}": [row[name] for row in values] for at, name in enumerate(COLUMNS)}
    table = pa.table({name: pa.array(column, pa.large_string()) for name, column in columns.items()})
    table = table.add_column(0, "_row_id", pa.array(range(len(values)), pa.int64()))

    engine = _ByEngine(plan, terms, table, queries)
    filled = engine.run()

    asked: list[list[Inputs]] = []
    states = [RowState(at, row) for at, row in enumerate(values)]

    def ask(step: int, inputs: Sequence[Inputs]) -> Mapping[Inputs, Values]:
        asked.append(list(inputs))
        return {each: answer_of(plan, step, each) for each in inputs}

    pour(plan, terms, states, ask)
    queries.close()
    assert engine.asked == asked
    for row, state in zip(filled, states, strict=True):
        for at in range(len(plan.targets)):
            value, step = state.given.get(at, (None, None))
            assert (row[f"f{at}"], row[f"p{at}"]) == (value, step)
