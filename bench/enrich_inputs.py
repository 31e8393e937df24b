"""The files of the enrichment benchmark: made by the table engine from a counter, the same bytes in every run.

Every address and every number is different: nothing is won by asking each value once. Domains lie below
`example.com` (RFC 2606), and look to every library like any other company's.
"""

from pathlib import Path

import duckdb
from table_inputs import Input

REFERENCE_COLUMNS = ("email", "segment", "owner")


def people(folder: Path, rows: int) -> Input:
    """Addresses, telephone numbers of four countries and web addresses, a domain for five people."""
    number = "(i * 7919) % 9000000 + 1000000"
    phone = (
        f"CASE i % 4 WHEN 0 THEN '+49 30 ' || {number} WHEN 1 THEN '+44 20 7' || ({number}) % 1000000 + 1000000 "
        f"WHEN 2 THEN '+1 (212) ' || (200 + i % 800) || '-' || lpad((i % 10000)::VARCHAR, 4, '0') "
        f"ELSE '+33 1 ' || lpad((({number}) % 100000000)::VARCHAR, 8, '0') END"
    )
    select = (
        f"SELECT 'p' || i || '@firm' || i // 5 || '.example.com' AS email, {phone} AS phone, "  # noqa: S608
        f"'https://www.firm' || i // 5 || '.example.com/about' AS website, i AS n FROM range({rows}) t(i)"
    )
    return _file(folder, "people", select, rows, 4)


def reference(folder: Path, rows: int) -> Input:
    """A row for nearly every address of `people`, in another order, spelled with capital letters."""
    select = (
        f"SELECT upper('p' || j || '@firm' || j // 5 || '.example.com') AS email, 'S' || j % 40 AS segment, "  # noqa: S608
        f"'owner' || j % 1000 AS owner FROM (SELECT (i * 37 + 11) % {rows} AS j FROM range({rows}) t(i))"
    )
    return _file(folder, "reference", select, rows, 3)


def distinct_values(folder: Path, sent: Input) -> dict[str, Path]:
    """The different addresses, numbers and domains of `people`, a line each, for the bare libraries."""
    found = {}
    for name, expression in {"email": "lower(email)", "phone": "phone", "website": "website"}.items():
        target = folder / f"{name}.txt"
        with duckdb.connect() as engine:
            engine.execute(
                f"COPY (SELECT DISTINCT {expression} FROM read_csv('{sent.path}', all_varchar = true)) "  # noqa: S608
                f"TO '{target}' (FORMAT csv, HEADER false, QUOTE '')"
            )
        found[name] = target
    return found


def _file(folder: Path, name: str, select: str, rows: int, columns: int) -> Input:
    path = folder / f"{name}.csv"
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({select}) TO '{path}' (FORMAT csv, HEADER true)")
    return Input(name, path, rows, (), columns=columns)
