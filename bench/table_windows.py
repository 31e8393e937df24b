"""Windows of a table over HTTP: unfiltered, first of a new filter, first of a new sort, and those that follow.

Every window is checked after it was timed: the right number of rows, each of them matching, and in order.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from load import LoadFailure, percentile
from servers import Server
from table_client import Built, TableClient, WindowAnswer, hot_copy_seconds
from table_inputs import COLUMNS
from table_plan import Load

_LIMIT = 100
_LATER = 5
"""Windows read of each filter and each sort once its first one was shown and the server rests."""
_SORTED = ("email", "company", "domain", "employees", "score", "phone", "founded", "url", "name", "city")
_TRADES = ("Foods", "Media", "Steel", "Energy", "Optics")
_COUNTRIES = ("DE", "FR", "GB", "US", "SE", "NL", "ES")
_CITIES = ("Köln", "Malmö", "Gent", "Oslo", "Zürich")
_NUMBERS = frozenset({"employees", "score"})

Row = Mapping[str, Any]
Tree = dict[str, Any]
Matches = Callable[[Row], bool]


@dataclass(slots=True)
class WindowFigures:
    """Milliseconds of each kind of window; `opened_ms` of the very first one, before there was a hot copy.

    at_once: the second window of a filter or sort, asked for right behind the first as a scroll does.
    """

    rows: int
    opened_ms: float = 0.0
    hot_copy_seconds: float = 0.0
    unfiltered: list[float] = field(default_factory=list)
    filtered: list[float] = field(default_factory=list)
    sorted: list[float] = field(default_factory=list)
    at_once: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)

    def series(self) -> dict[str, list[float]]:
        """The kinds by name, in the order they are shown."""
        return {
            "unfiltered": self.unfiltered,
            "filtered": self.filtered,
            "sorted": self.sorted,
            "later": self.later,
            "at_once": self.at_once,
        }


@dataclass(frozen=True, slots=True)
class _Table:
    """The table under test. rows: how many it has; names: what it calls each column of the file."""

    client: TableClient
    upload_id: str
    rows: int
    names: Mapping[str, str]

    def unfiltered(self, offset: int) -> WindowAnswer:
        found = self.client.rows(self.upload_id, offset=offset, limit=_LIMIT)
        ids = [row["_row_id"] for row in found.answer["rows"]]
        if found.answer["total"] != self.rows or ids != list(range(offset, offset + _LIMIT)):
            raise LoadFailure(f"the window at {offset} of {self.rows} rows is not the one asked for")
        return found

    def filtered(self, asked: Tree, matches: Matches, offset: int) -> WindowAnswer:
        tree = _renamed(asked, self.names)
        found = self.client.rows(self.upload_id, offset=offset, limit=_LIMIT, filter=tree)
        shown = _shown(found)
        if len(shown) != _LIMIT or not all(map(matches, shown)):
            raise LoadFailure(f"the window at {offset} of filter {tree} is wrong: {len(shown)} rows")
        return found

    def sorted(self, sort: str, offset: int) -> WindowAnswer:
        names = sort.removeprefix("-").split(",")
        asked = "-" * sort.startswith("-") + ",".join(self.names[name] for name in names)
        found = self.client.rows(self.upload_id, offset=offset, limit=_LIMIT, sort=asked)
        keys = [
            tuple(float(row[name]) if name in _NUMBERS else row[name] for name in names)
            for row in _shown(found)
        ]
        if found.answer["total"] != self.rows or len(keys) != _LIMIT:
            raise LoadFailure(f"the window at {offset} of sort {asked} is not the one asked for")
        if keys != sorted(keys, reverse=sort.startswith("-")):
            raise LoadFailure(f"the window at {offset} of sort {asked} is not in order")
        return found


def measure_windows(
    load: Load, server: Server, client: TableClient, built: Built, data: Path, limit_seconds: float
) -> WindowFigures:
    """Open the table as a user does, then read. Raises LoadFailure, ServerFailure."""
    figures = WindowFigures(load.rows)
    chance = random.Random(load.rows)
    server.wait_until_quiet()
    client.renew()
    since = time.perf_counter()
    opened = client.rows(built.upload_id, offset=0, limit=_LIMIT)
    figures.opened_ms = opened.milliseconds
    figures.hot_copy_seconds = hot_copy_seconds(data, built.upload_id, since, limit_seconds)
    called = [column["name"] for column in opened.answer["columns"]]
    table = _Table(client, built.upload_id, built.accepted, dict(zip(COLUMNS, called, strict=True)))
    _rest(server, client)
    for _ in range(load.windows):
        figures.unfiltered.append(table.unfiltered(chance.randrange(built.accepted - _LIMIT)).milliseconds)
    asks = [partial(table.filtered, asked, matches) for asked, matches in filters(load.filters)]
    for series, kind in (
        (figures.filtered, asks),
        (figures.sorted, [partial(table.sorted, sort) for sort in sorts(load.sorts)]),
    ):
        for ask in kind:
            _rest(server, client)
            first = ask(0)
            series.append(first.milliseconds)
            if first.answer["total"] <= 2 * _LIMIT:
                raise LoadFailure(f"only {first.answer['total']} rows match: too few to scroll in")
            figures.at_once.append(ask(_LIMIT).milliseconds)
            _rest(server, client)
            exact = ask(0).answer["total"]  # the first total may have been an estimate
            figures.later += [ask(chance.randrange(exact - _LIMIT)).milliseconds for _ in range(_LATER)]
    return figures


def filters(count: int) -> list[tuple[Tree, Matches]]:
    """So many filters no two of which are the same: text inside, equality and range, list and emptiness."""
    found: list[tuple[Tree, Matches]] = []
    for number in range(count):
        step = number // 3
        match number % 3:
            case 0:
                more = step // len(_TRADES) or ""
                found.append(_contains(f"{_TRADES[step % len(_TRADES)]} 1{more}"))
            case 1:
                found.append(_in_country(_COUNTRIES[step % len(_COUNTRIES)], 500 * step))
            case _:
                found.append(_in_cities(_CITIES[step % len(_CITIES)], 19_000 - step))
    return found


def _contains(text: str) -> tuple[Tree, Matches]:
    return {"field": "company", "op": "contains", "value": text}, lambda row: text in row["company"]


def _in_country(country: str, low: int) -> tuple[Tree, Matches]:
    asked = {
        "all": [
            {"field": "country", "op": "eq", "value": country},
            {"field": "employees", "op": "between", "value": [low, low + 4999]},
        ]
    }
    return asked, lambda row: row["country"] == country and low <= int(row["employees"]) <= low + 4999


def _in_cities(city: str, most: int) -> tuple[Tree, Matches]:
    cities = [city, "Genève"]
    asked = {
        "all": [
            {"field": "city", "op": "in", "value": cities},
            {"field": "note", "op": "is_empty"},
            {"field": "employees", "op": "le", "value": most},
        ]
    }
    return asked, lambda row: row["city"] in cities and not row["note"] and int(row["employees"]) <= most


def sorts(count: int) -> list[str]:
    """So many sorts no two of which are the same: columns in turn, then downwards, then two at once."""
    down = [f"-{name}" for name in _SORTED]
    pairs = [f"country,{name}" for name in _SORTED]
    mixed = [sort for both in zip(_SORTED, reversed(down), strict=True) for sort in both]
    return [*mixed, *pairs][:count]


def medians(series: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Number, median and 95th percentile of each series that has values."""
    return {
        name: {"windows": len(values), "median_ms": median(values), "p95_ms": percentile(values, 95)}
        for name, values in series.items()
        if values
    }


def _rest(server: Server, client: TableClient) -> None:
    server.wait_until_quiet()
    client.renew()


def _renamed(tree: Tree, names: Mapping[str, str]) -> Tree:
    """A filter with the table's names in place of the file's."""
    if "all" in tree:
        return {"all": [_renamed(inner, names) for inner in tree["all"]]}
    return tree | {"field": names[tree["field"]]}


def _shown(found: WindowAnswer) -> list[Row]:
    """The rows of a window by the names of the file."""
    return [dict(zip(COLUMNS, row["values"], strict=True)) for row in found.answer["rows"]]
