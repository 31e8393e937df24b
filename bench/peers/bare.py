"""The table engine alone: one order-keeping COPY from CSV to Parquet, all text, faulty rows set aside.

usage: python bare.py FILE.csv OUT.parquet THREADS     (prints JSON: seconds of the COPY, rows, rejects)
"""

import json
import sys
import time
from pathlib import Path

import duckdb

source, target, threads = sys.argv[1:]
with Path(source).open(encoding="utf-8") as file:
    names = file.readline().rstrip("\n").split(",")
columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
with duckdb.connect(config={"threads": int(threads)}) as engine:
    engine.execute("SET enable_progress_bar = false")
    began_at = time.perf_counter()
    # Strict and in order are the engine's defaults. The dialect is told, for it guesses wrong where broken rows
    # are near the top; without store_rejects it would give up at the first of them.
    engine.execute(
        f"COPY (SELECT * FROM read_csv('{source}', auto_detect = false, header = true, "  # noqa: S608
        f"""columns = {{{columns}}}, delim = ',', quote = '"', escape = '"', """
        f"store_rejects = true, rejects_limit = 0)) TO '{target}' (FORMAT parquet)"
    )
    seconds = time.perf_counter() - began_at
    rows = engine.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0][0]  # noqa: S608
    rejects = engine.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()[0][0]
print(json.dumps({"seconds": seconds, "rows": rows, "rejects": rejects}))
