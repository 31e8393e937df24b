"""SQLite over a table of typed columns in memory: counts by conditions, and one row of every address.

usage: python segment_sqlite.py FILE.csv CONDITIONS.json     (prints JSON: seconds to load, of each count, of duplicates)
"""

import csv
import json
import sqlite3
import sys
import time
from pathlib import Path

source, conditions = sys.argv[1:]
with Path(source).open(encoding="utf-8", newline="") as file, sqlite3.connect(":memory:") as database:
    began_at = time.perf_counter()
    reader = csv.reader(file)
    names = next(reader)
    types = {"employees": "INTEGER", "score": "REAL"}
    columns = ", ".join(f"{name} {types.get(name, 'TEXT')}" for name in names)
    database.execute(f"CREATE TABLE people ({columns})")
    rows = ([value if value else None for value in row] for row in reader)
    database.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608
    loaded = time.perf_counter() - began_at
    counts, seconds = [], []
    for condition in json.loads(Path(conditions).read_text(encoding="utf-8")):
        began_at = time.perf_counter()
        counts += database.execute(f"SELECT count(*) FROM people WHERE {condition}").fetchone()  # noqa: S608
        seconds.append(time.perf_counter() - began_at)
    began_at = time.perf_counter()
    newest = "SELECT max(rowid) FROM people GROUP BY lower(trim(email))"
    [left] = database.execute(f"SELECT count(*) FROM ({newest})").fetchone()  # noqa: S608
    told = {"dedupe_seconds": time.perf_counter() - began_at, "left": left}
print(json.dumps({"loaded": loaded, "counts": counts, "seconds": seconds, **told}))
