"""The file of the segments benchmark and what is asked of it: from a counter, the same bytes and trees in every run.

One person in seven comes a second time, a third of them in other letters; some have no address at all.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from table_inputs import Input

COLUMNS = (
    "email",
    "domain",
    "full_name",
    "country",
    "city",
    "employees",
    "score",
    "phone",
    "founded",
    "note",
)
COUNTRIES = ("DE", "FR", "GB", "US", "SE", "NL", "ES", "PT", "IT", "CH")
_CITIES = ("Köln", "Malmö", "Cádiz", "Genève", "Oslo", "Gent", "Zürich", "Århus")
_NAMES = ("Žofie Dvorák", "Émile Núñez", "Søren Åberg", "Anna Müller", "Tom O'Brien", "Zoë Lee", "Ian Smith")


@dataclass(frozen=True, slots=True)
class Ask:
    """Five conditions, all of which must hold."""

    countries: tuple[str, ...]
    low: int
    high: int
    score: float
    name: str
    note: str

    def tree(self, called: dict[str, str]) -> dict[str, Any]:
        """As a filter. called: what the table calls each column of the file."""
        return {
            "all": [
                {"field": called["country"], "op": "in", "value": list(self.countries)},
                {"field": called["employees"], "op": "between", "value": [self.low, self.high]},
                {"field": called["score"], "op": "ge", "value": self.score},
                {"field": called["full_name"], "op": "contains", "value": self.name},
                {"field": called["note"], "op": "ne", "value": self.note},
            ]
        }

    def sql(self) -> str:
        """As a condition of SQL, for either engine; `ne` of a filter holds for empty cells."""
        countries = ", ".join(f"'{each}'" for each in self.countries)
        return (
            f"country IN ({countries}) AND employees BETWEEN {self.low} AND {self.high} AND score >= {self.score} "
            f"AND instr(full_name, '{self.name}') > 0 AND (note IS NULL OR note <> '{self.note}')"
        )


def asks(count: int) -> list[Ask]:
    """So many, no two the same."""
    return [
        Ask(
            countries=tuple(sorted(COUNTRIES[(number + step) % 10] for step in range(2 + number % 3))),
            low=100 * number,
            high=100 * number + 6_000,
            score=20 + number % 30,
            name=("an", "mi", "o", "e")[number % 4],
            note=f"Note {number % 9}",
        )
        for number in range(count)
    ]


def audience(folder: Path, rows: int) -> Input:
    """A CSV of COLUMNS; every row has a domain, so none is set aside."""

    def some(salt: int, size: int) -> str:
        mixed = f"((i * {48_271 + 15_838 * salt} + {salt * 1_299_709}) % 2147483647)"
        return f"((xor({mixed}, {mixed} >> 11) * 69621) % 2147483647 % {size})"

    def one_of(values: tuple[str, ...], salt: int) -> str:
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        return f"[{listed}][1 + {some(salt, len(values))}]"

    # The last seventh repeats people from everywhere in the file.
    once = rows - rows // 7
    person = f"CASE WHEN i < {once} THEN i ELSE ((i - {once}) * 7919 + 13) % {once} END"
    address = f"'p' || ({person}) || '@firm' || ({person}) // 5 || '.example.com'"
    select = f"""SELECT
        CASE WHEN i % 50 = 49 THEN 'n/a' WHEN i >= {once} AND i % 3 = 0 THEN upper({address})
            ELSE {address} END AS email,
        'firm' || ({person}) // 5 || '.example.com' AS domain,
        {one_of(_NAMES, 3)} AS full_name,
        {one_of(COUNTRIES, 5)} AS country,
        {one_of(_CITIES, 6)} AS city,
        1 + {some(7, 20_000)} AS employees,
        ({some(8, 10_000)} / 100)::DECIMAL(5, 2) AS score,
        '+49 30 ' || lpad({some(9, 10_000_000)}::VARCHAR, 7, '0') AS phone,
        DATE '1950-01-01' + {some(10, 27_000)}::INTEGER AS founded,
        CASE WHEN {some(11, 10)} < 3 THEN NULL ELSE 'Note ' || {some(12, 9)} END AS note
        FROM range({rows}) AS numbers(i)"""  # noqa: S608  (numbers and lists of our own)
    path = folder / f"audience-{rows}.csv"
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({select}) TO '{path}' (FORMAT csv, HEADER true)")
    return Input(f"audience-{rows}", path, rows, (), columns=len(COLUMNS))
