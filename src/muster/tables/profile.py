"""Describe every column of a table: a few scans of the engine, whatever the number of rows.

All columns are read once for counts, distinct values and lengths; then the frequent values column by column;
then the typed twins for histograms. Nothing is held but the engine's own bounded memory, and the same table
always gives the same profile.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import duckdb
import msgspec

from muster.errors import Unavailable
from muster.objects.store import read_whole
from muster.tables.engine import connect, relation_sql
from muster.tables.model import ROW_ID, Column, Manifest
from muster.tables.profile_bins import Range, bin_sql, bins_of, range_of
from muster.tables.profile_counts import CountedColumn, ValueCounts
from muster.tables.profile_model import SHOWN_CHARACTERS, TOP_VALUES, ColumnProfile, Profile, TopValue, binned
from muster.tables.profile_samples import held_samples, often_sampled, sampled_sql
from muster.tables.room import TablesRoom

_COLUMNS_AT_ONCE = 64
_LOADED_AT_ONCE = 256
_LOADED_CELLS = 16_000_000
"""Wide tables are copied into the engine this much at a time: each look at the footer of a file with 5,000
columns takes longer than what is looked for."""
_GROUPED_AT_ONCE = 8
COUNT_EACH = 200_000
"""Up to about so many different values each is counted; above, only those a sample finds to be frequent."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the first scan tells about one column. sample: of its values, where it was taken along."""

    distinct: int
    filled: int
    range: Range | None
    sample: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of one column. distinct: how many different ones, None when not all were counted.

    lengths: how many values have each length in characters.
    """

    distinct: int | None
    top: tuple[TopValue, ...]
    lengths: Mapping[int, int]


def build_profile(
    room: TablesRoom,
    manifest: Manifest,
    kinds: Mapping[str, Mapping[str, int]] | None = None,
    *,
    counts: ValueCounts | None = None,
    pause: Callable[[], None] = lambda: None,
    count_each: int = COUNT_EACH,
    only: Collection[str] | None = None,
) -> Profile:
    """Describe one version of a table as people see it: edits in, hidden rows out.

    kinds: by physical name, how many values of each kind were sent (`ColumnFacts.kinds`).
    counts: of all rows as they were written; the profile is the same without them, and takes longer.
    pause: called before each query, which takes a second or two at most; what it raises ends the work.
    count_each: columns with more different values get their frequent ones from a sample.
    only: the columns of these physical names; None: all.
    Raises Unavailable when a file cannot be read, NotFound when one is missing.
    """
    known = _known(manifest, counts)
    with connect(room.engine) as engine:
        query = _Query(room, manifest, engine, pause, only)
        issues = _issues(query)
        columns: list[ColumnProfile] = []
        for some in query.portions():
            found = _counts(query, some, known)
            values = _values(query, found, known, count_each)
            spread = _spread(query, some, found)
            columns += [
                _column(
                    manifest,
                    column,
                    found[column.physical],
                    values[column.physical],
                    spread,
                    issues,
                    kinds,
                )
                for column in some
            ]
    return Profile(manifest.visible_rows, tuple(columns))


def store_profile(room: TablesRoom, key: str, profile: Profile) -> None:
    """Store a profile under the key its manifest names. Raises StorageFull, Unavailable."""
    room.objects.put(key, [msgspec.json.encode(profile)])


def load_profile(room: TablesRoom, key: str) -> Profile:
    """A stored profile. Raises NotFound, Unavailable."""
    return msgspec.json.decode(read_whole(room.objects, key), type=Profile)


class _Query:
    """Runs queries over one version."""

    def __init__(
        self,
        room: TablesRoom,
        manifest: Manifest,
        engine: duckdb.DuckDBPyConnection,
        pause: Callable[[], None],
        only: Collection[str] | None = None,
    ) -> None:
        self.manifest = manifest
        self._columns = tuple(
            column for column in manifest.columns if only is None or column.physical in only
        )
        self._room = room
        self._engine = engine
        self._pause = pause
        self.is_loaded = False

    def portions(self) -> Iterator[Sequence[Column]]:
        """The columns, some at a time; only of these can be asked until the next."""
        columns = self._columns
        if len(columns) <= _COLUMNS_AT_ONCE:
            if columns:
                yield columns
            return
        size = min(_LOADED_AT_ONCE, _LOADED_CELLS // max(1, self.manifest.rows))
        for some in _cut(columns, max(size, _COLUMNS_AT_ONCE)):
            self.is_loaded = False
            if size >= _COLUMNS_AT_ONCE:
                names = [name for column in some for name in (column.physical, column.typed) if name]
                self.rows(f"CREATE OR REPLACE TEMP TABLE loaded AS {self.relation(names)}")
                self.is_loaded = True
            yield some

    def relation(self, names: Iterable[str]) -> str:
        """What may stand after FROM: at least these columns of the rows as people see them."""
        if self.is_loaded:
            return "loaded"
        return f"({relation_sql(self.manifest, names, self._room.cache.path)})"

    def path(self, key: str) -> str:
        return str(self._room.cache.path(key))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._pause()
        try:
            return self._engine.execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise Unavailable(
                "The files of this table cannot be read just now. Try again in a moment.",
                retry_after_seconds=5,
            ) from error


def _cut(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


# Our own names (`c3`, `c3_n`) and quoted paths are all that enters a query; values are parameters.
# ruff: noqa: S608


def _known(manifest: Manifest, counts: ValueCounts | None) -> Mapping[str, CountedColumn]:
    """What need not be read: only where people see just the rows that were counted."""
    is_same = counts is not None and counts.rows == manifest.rows == manifest.visible_rows
    if counts is None or not is_same or manifest.overlays:
        return {}
    found = {column.physical: counts.counted(column.physical) for column in manifest.columns}
    return {name: column for name, column in found.items() if column is not None}


def _counts(
    query: _Query, columns: Sequence[Column], known: Mapping[str, CountedColumn]
) -> dict[str, _Counts]:
    # Lengths are left to a scan of their own: a histogram beside approx_count_distinct in one scan takes
    # more than twice as long as both alone.
    wanted: dict[str, str] = {}
    names: list[str] = []
    unique: list[str] = []
    for column in columns:
        name, typed = column.physical, column.typed
        counted = known.get(name)
        if counted is None or counted.values is None:
            wanted |= {
                f"{name} distinct": f"approx_count_distinct({name})",
                f"{name} filled": f"count({name})",
            }
            names.append(name)
            unique.append(name)
        if typed:
            wanted |= {f"{name} low": f"min({typed})", f"{name} high": f"max({typed})"}
            names.append(typed)
    for name in held_samples(known, unique):
        wanted[f"{name} sample"] = f"list({name}) FILTER ({sampled_sql(name, known[name].filled)})"
    found: dict[str, Any] = {}
    if wanted:
        (row,) = query.rows(f"SELECT {', '.join(wanted.values())} FROM {query.relation(names)}")
        found = dict(zip(wanted, row, strict=True))
    result = {}
    for column in columns:
        name = column.physical
        counted = known.get(name)
        if counted is not None and counted.values is not None:
            distinct, filled = len(counted.values), counted.filled
        else:
            distinct, filled = found[f"{name} distinct"], found[f"{name} filled"]
        result[name] = _Counts(
            distinct,
            filled,
            range_of(found.get(f"{name} low"), found.get(f"{name} high")),
            found.get(f"{name} sample"),
        )
    return result


def _values(
    query: _Query, counts: Mapping[str, _Counts], known: Mapping[str, CountedColumn], count_each: int
) -> dict[str, _Values]:
    found = {name: _Values(0, (), {}) for name, count in counts.items() if not count.filled}
    for name in counts:
        if name in known and (values := known[name].values) is not None:
            found[name] = _Values(len(values), _top(values.items()), known[name].lengths)
    if query.is_loaded:
        return found | _values_of_loaded(query, list(counts))
    each = [name for name, count in counts.items() if name not in found and count.distinct <= count_each]
    for some in _cut(each, _GROUPED_AT_ONCE):
        groups = " UNION ALL ".join(f"({_grouped_sql(query, name)})" for name in some)
        for name, distinct, top, lengths in query.rows(groups):
            found[name] = _Values(distinct, _top((pair["v"], pair["n"]) for pair in top), lengths)
    for name, count in counts.items():
        if name not in found:
            lengths = known[name].lengths if name in known else _lengths(query, name)
            found[name] = _Values(None, _sampled_top(query, name, count), lengths)
    return found


def _lengths(query: _Query, name: str) -> Mapping[int, int]:
    (row,) = query.rows(f"SELECT histogram(length({name})) FROM {query.relation([name])}")
    lengths: Mapping[int, int] = row[0]
    return lengths


def _values_of_loaded(query: _Query, names: Sequence[str]) -> dict[str, _Values]:
    """Every value of all loaded columns counted at once: a query for each of 5,000 columns takes minutes."""
    query.rows(
        "CREATE OR REPLACE TEMP TABLE grouped AS SELECT name, v, count(*) AS n "
        f"FROM (UNPIVOT (SELECT {', '.join(names)} FROM loaded) ON COLUMNS(*) INTO NAME name VALUE v) GROUP BY ALL"
    )
    rows = query.rows(
        "WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY name ORDER BY n DESC, v) AS place FROM grouped), "
        "spread AS (SELECT name, length(v) AS l, sum(n)::BIGINT AS n FROM grouped GROUP BY ALL) "
        "SELECT name, count(*), "
        f"list({{'v': v, 'n': n}}) FILTER (WHERE place <= {TOP_VALUES}), any_value(lengths) FROM ranked "
        "JOIN (SELECT name, map_from_entries(list((l, n))) AS lengths FROM spread GROUP BY name) USING (name) "
        "GROUP BY name"
    )
    return {
        name: _Values(distinct, _top((pair["v"], pair["n"]) for pair in top), lengths)
        for name, distinct, top, lengths in rows
    }


def _grouped_sql(query: _Query, name: str) -> str:
    """One row: the column, how many different values it has, the most frequent ones, and all lengths."""
    return (
        f"WITH g AS MATERIALIZED (SELECT {name} AS v, count(*) AS n FROM {query.relation([name])} "
        f"WHERE {name} IS NOT NULL GROUP BY {name}) SELECT '{name}', (SELECT count(*) FROM g), "
        f"(SELECT list({{'v': v, 'n': n}}) FROM (SELECT v, n FROM g ORDER BY n DESC, v LIMIT {TOP_VALUES})), "
        "(SELECT map_from_entries(list((l, n))) "
        "FROM (SELECT length(v) AS l, sum(n)::BIGINT AS n FROM g GROUP BY l))"
    )


def _sampled_top(query: _Query, name: str, count: _Counts) -> tuple[TopValue, ...]:
    """Values that come more than once in a sample, with how often they come in the whole table."""
    if count.sample is not None:
        sampled = often_sampled(count.sample)
    else:
        found = query.rows(
            f"SELECT {name} FROM {query.relation([name])} WHERE {sampled_sql(name, count.filled)} "
            f"GROUP BY {name} HAVING count(*) > 1 ORDER BY count(*) DESC, {name} LIMIT {TOP_VALUES}"
        )
        sampled = [value for (value,) in found]
    if not sampled:
        return ()
    marks = ", ".join("?" * len(sampled))
    counted = query.rows(
        f"SELECT {name}, count(*) FROM {query.relation([name])} WHERE {name} IN ({marks}) GROUP BY {name}",
        sampled,
    )
    return _top((row[0], row[1]) for row in counted)


def _top(counted: Iterable[tuple[str, int]]) -> tuple[TopValue, ...]:
    ordered = nsmallest(TOP_VALUES, counted, key=lambda pair: (-pair[1], pair[0]))
    return tuple(TopValue(value[:SHOWN_CHARACTERS], rows) for value, rows in ordered)


def _spread(
    query: _Query, columns: Sequence[Column], counts: Mapping[str, _Counts]
) -> dict[str, Mapping[int, int]]:
    """By physical name of typed columns: rows in each bin of the column's range."""
    ranges = [
        (column.physical, column.typed, known)
        for column in columns
        if column.typed and (known := counts[column.physical].range)
    ]
    if not ranges:
        return {}
    wanted = ", ".join(f"histogram({bin_sql(typed, known)})" for _, typed, known in ranges)
    (row,) = query.rows(f"SELECT {wanted} FROM {query.relation(typed for _, typed, _ in ranges)}")
    return {name: row[at] for at, (name, _, _) in enumerate(ranges)}


def _issues(query: _Query) -> dict[str, int]:
    """By display name, rows that have an issue there."""
    manifest = query.manifest
    if not manifest.issues:
        return {}
    files = [query.path(key) for key in manifest.issues]
    hidden = ""
    if manifest.hidden_key is not None:
        hidden = f"ANTI JOIN read_parquet(?) hidden ON hidden.{ROW_ID} = i.{ROW_ID}"
        files_and_hidden = [files, query.path(manifest.hidden_key)]
    else:
        files_and_hidden = [files]
    rows = query.rows(
        f"SELECT i.field, count(DISTINCT i.{ROW_ID}) FROM read_parquet(?) i {hidden} "
        "WHERE i.field IS NOT NULL GROUP BY i.field",
        files_and_hidden,
    )
    return {row[0]: row[1] for row in rows}


def _column(
    manifest: Manifest,
    column: Column,
    counts: _Counts,
    values: _Values,
    spread: Mapping[str, Mapping[int, int]],
    issues: Mapping[str, int],
    kinds: Mapping[str, Mapping[str, int]] | None,
) -> ColumnProfile:
    bins = spread.get(column.physical)
    known = counts.range
    is_exact = values.distinct is not None
    characters = sum(length * rows for length, rows in values.lengths.items())
    return ColumnProfile(
        name=column.name,
        physical=column.physical,
        type=column.type,
        filled=counts.filled,
        empty=manifest.visible_rows - counts.filled,
        distinct=min(counts.distinct, counts.filled) if values.distinct is None else values.distinct,
        distinct_exact=is_exact,
        top=values.top,
        top_exact=is_exact,
        minimum=None if known is None else known.shown_low,
        maximum=None if known is None else known.shown_high,
        histogram=() if known is None or bins is None else bins_of(known, bins),
        length_min=min(values.lengths, default=None),
        length_max=max(values.lengths, default=None),
        length_mean=round(characters / counts.filled, 2) if counts.filled else None,
        lengths=() if column.typed else binned(values.lengths),
        kinds=dict((kinds or {}).get(column.physical, {})),
        rows_with_issues=issues.get(column.name, 0),
    )
