"""The door to Splink: learn how much each agreement of two rows tells, and give every pair a probability.

An extra, `muster[identity]`: only this file imports it, and only when a match is made. The model is the one of
Fellegi and Sunter (1969): for each outcome of a comparison, how often it is seen among pairs of the same person (m) and
among others (u); the evidence of a pair is the sum of log2(m/u) over its columns.
"""

import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import pyarrow as pa

from muster.errors import Conflict
from muster.segments.match_model import Compare, CompareKind, Weight
from muster.tables.engine import EngineLimits, connect

MAX_PAIRS: Final = 5_000_000
"""Pairs all blocking rules together may bring up."""
LEAST_PROBABILITY: Final = 0.05
_LEAST_M: Final = 1e-4
_LEAST_U: Final = 1e-8
_SEED: Final = 1
_OTHER_DOMAIN: Final = "same name, other domain"


@dataclass(frozen=True, slots=True)
class Found:
    """pairs: `a`, `b` (ids), `probability`, and for each column `w0`, `w1` ... (bits) and `g0`, `g1` ... (level)."""

    pairs: pa.Table
    weights: tuple[Weight, ...]
    levels: tuple[tuple[str, ...], ...]


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("splink") is not None


def missing() -> Conflict:
    return Conflict(
        'Probable matches need the extra `identity`, which is not installed here. Install it with `pip install "muster[server,identity]"` '
        "where server and worker run, and start them again.",
        code="identity_extra_missing",
    )


def find_pairs(
    rows: pa.Table,
    copies: pa.Table,
    compare: Sequence[Compare],
    limits: EngineLimits,
    alive: Callable[[], None],
) -> Found:
    """Learn from `rows`, then score pairs among rows and copies together.

    rows, copies: `id` (int64) and `c0`, `c1` ... (text, normalised) in the order of `compare`. alive: called between
    steps; may raise. Raises Conflict (`identity_extra_missing`, `match_untrained`, `match_too_many_pairs`).
    """
    if not is_installed():
        raise missing()
    from splink import DuckDBAPI, Linker  # noqa: PLC0415 - an extra

    with connect(limits) as connection:
        connection.register("learnt", rows)
        connection.register("scored", pa.concat_tables([rows, copies]))
        blocking = _Blocking(connection, compare, rows.num_rows)
        rules = blocking.rules()
        alive()
        learnt = DuckDBAPI(connection).register("learnt")
        linker = Linker(learnt, _settings(compare, rules), log_level=logging.ERROR)
        model = _trained(linker, blocking, rules, compare, alive)
        seen = _within_reason(model)
        alive()
        scorer = Linker(DuckDBAPI(connection).register("scored"), model, log_level=logging.ERROR)
        scored = scorer.inference.predict(threshold_match_probability=LEAST_PROBABILITY)
        pairs = connection.sql(
            f"SELECT id_l AS a, id_r AS b, match_probability AS probability, {_shown(compare)} "  # noqa: S608
            f"FROM {scored.physical_name} ORDER BY probability, a, b"
        ).to_arrow_table()
        return Found(pairs, tuple(_weights(model, seen, compare)), _levels(model))


@dataclass(frozen=True, slots=True)
class _Rule:
    """A way to bring pairs up. columns: which it looks at; expressions: equal in both rows; pairs: how many."""

    columns: frozenset[int]
    expressions: tuple[str, ...]
    pairs: int

    def for_splink(self) -> Any:
        from splink import block_on  # noqa: PLC0415

        return block_on(*self.expressions)


class _Blocking:
    """Which pairs are looked at: those that agree in a column, or in the beginnings of one or two."""

    def __init__(self, connection: Any, compare: Sequence[Compare], rows: int) -> None:
        self._connection = connection
        self._compare = compare
        self._limit = max(50_000, 20 * rows)

    def rules(self) -> list[_Rule]:
        """The rules that bring up neither nothing nor too much, the sharpest first."""
        counted = [
            _Rule(columns, expressions, self._pairs(expressions))
            for columns, expressions in self._candidates()
        ]
        kept: list[_Rule] = []
        total = 0
        for rule in sorted(counted, key=lambda rule: rule.pairs):
            if 0 < rule.pairs <= self._limit and total + rule.pairs <= MAX_PAIRS:
                kept.append(rule)
                total += rule.pairs
        if not kept:
            if any(rule.pairs for rule in counted):
                raise Conflict(
                    "The columns hold so few different values that every row would be compared with every other. "
                    "Compare a column that tells people apart, such as an address.",
                    code="match_too_many_pairs",
                )
            raise _untrained()
        return kept

    def exact(self) -> list[_Rule]:
        """Rules that hardly ever hold for two people: a telling column, or two columns at once."""
        ones = [((at,), (f"c{at}",)) for at in range(len(self._compare))]
        twos = [((a, b), (f"c{a}", f"c{b}")) for a, b in combinations(range(len(self._compare)), 2)]
        found = [
            _Rule(frozenset(columns), expressions, self._pairs(expressions))
            for columns, expressions in (*ones, *twos)
        ]
        telling = [rule for rule in found if 0 < rule.pairs <= self._limit // 20 + 1_000]
        return telling or [rule for rule in found if rule.pairs][:1]

    def _candidates(self) -> Iterator[tuple[frozenset[int], tuple[str, ...]]]:
        at_all = range(len(self._compare))
        for at in at_all:
            yield frozenset((at,)), (f"c{at}",)
        for at in at_all:
            if self._compare[at].kind is not CompareKind.EXACT:
                yield frozenset((at,)), (f"substr(c{at}, 1, 5)",)
        for one, other in combinations(at_all, 2):
            yield frozenset((one, other)), (self._beginning(one), self._beginning(other))

    def _beginning(self, at: int) -> str:
        return f"c{at}" if self._compare[at].kind is CompareKind.EXACT else f"substr(c{at}, 1, 3)"

    def _pairs(self, expressions: Sequence[str]) -> int:
        filled = " AND ".join(f"{each} IS NOT NULL" for each in expressions)
        [(pairs,)] = self._connection.sql(
            f"SELECT coalesce(sum(n * (n - 1) / 2), 0)::BIGINT FROM (SELECT count(*)::HUGEINT AS n FROM learnt "  # noqa: S608
            f"WHERE {filled} GROUP BY {', '.join(expressions)})"
        ).fetchall()
        return int(pairs)


def _settings(compare: Sequence[Compare], rules: Sequence[_Rule]) -> Any:
    from splink import SettingsCreator  # noqa: PLC0415

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[_comparison(each.kind, f"c{at}") for at, each in enumerate(compare)],
        blocking_rules_to_generate_predictions=[rule.for_splink() for rule in rules],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=True,
    )


def _comparison(kind: CompareKind, column: str) -> Any:
    import splink.comparison_level_library as levels  # noqa: PLC0415
    import splink.comparison_library as library  # noqa: PLC0415
    from splink import ColumnExpression  # noqa: PLC0415

    match kind:
        case CompareKind.EMAIL:
            # The library's own one weighs frequent addresses by themselves, which is no evidence one could show.
            mailbox = ColumnExpression(column).regex_extract("^[^@]+")
            return library.CustomComparison(
                comparison_levels=[
                    levels.NullLevel(column),
                    levels.ExactMatchLevel(column),
                    levels.ExactMatchLevel(mailbox).configure(label_for_charts=_OTHER_DOMAIN),
                    levels.JaroWinklerLevel(column, 0.92),
                    levels.ElseLevel(),
                ],
                output_column_name=column,
            )
        case CompareKind.PHONE:
            return library.LevenshteinAtThresholds(column, [1])
        case CompareKind.EXACT:
            return library.ExactMatch(column)
    return library.JaroWinklerAtThresholds(column, [0.92, 0.8])


def _trained(
    linker: Any,
    blocking: _Blocking,
    rules: Sequence[_Rule],
    compare: Sequence[Compare],
    alive: Callable[[], None],
) -> dict[str, Any]:
    exact = blocking.exact()
    if not exact:
        raise _untrained()
    linker.training.estimate_probability_two_random_records_match(
        [rule.for_splink() for rule in exact], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=_SEED)
    untrained = set(range(len(compare)))
    for rule in rules:
        # What a rule fixes it cannot teach, so each column needs a session that looks at another one.
        if len(compare) > 1 and not untrained - rule.columns:
            continue
        alive()
        if _session(linker, rule):
            untrained -= set(range(len(compare))) - rule.columns
        if not untrained:
            break
    if len(untrained) == len(compare):
        raise _untrained()
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def _session(linker: Any, rule: _Rule) -> bool:
    """Whether the pairs of a rule taught anything."""
    from splink.internals.exceptions import EMTrainingException  # noqa: PLC0415

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(rule.for_splink())
    except EMTrainingException:
        return False
    return True


def _within_reason(model: dict[str, Any]) -> list[bool]:
    """Give a level nobody saw a small share, and no weight beyond what so small a sample can tell.

    Returns for each level, in their order, whether it was seen.
    """
    seen = []
    for level in _told_levels(model):
        seen.append("m_probability" in level and "u_probability" in level)
        level["m_probability"] = max(level.get("m_probability", 0.0), _LEAST_M)
        level["u_probability"] = max(level.get("u_probability", 0.0), _LEAST_U)
    return seen


def _told_levels(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every outcome of every comparison but that a value is missing."""
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                yield level


def _shown(compare: Sequence[Compare]) -> str:
    return ", ".join(f"mw_c{at} AS w{at}, gamma_c{at} AS g{at}" for at in range(len(compare)))


def _weights(model: dict[str, Any], seen: Sequence[bool], compare: Sequence[Compare]) -> Iterator[Weight]:
    columns = [
        each.column
        for each, comparison in zip(compare, model["comparisons"], strict=True)
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]
    for column, level, is_seen in zip(columns, _told_levels(model), seen, strict=True):
        name = _level_name(level["label_for_charts"])
        yield Weight(column, name, level["m_probability"], level["u_probability"], is_seen)


def _levels(model: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """For each column the names of its levels by number, from 0 (nothing in common) up."""
    return tuple(
        tuple(
            reversed(
                [
                    _level_name(level["label_for_charts"])
                    for level in comparison["comparison_levels"]
                    if not level.get("is_null_level")
                ]
            )
        )
        for comparison in model["comparisons"]
    )


def _level_name(label: str) -> str:
    """What people call it."""
    if label == _OTHER_DOMAIN:
        return label
    if label.startswith("Exact match"):
        return "same"
    return "different" if label.startswith("All other") else "similar"


def _untrained() -> Conflict:
    return Conflict(
        "There is too little agreement between these rows to learn from. Compare other columns, or more rows.",
        code="match_untrained",
    )
