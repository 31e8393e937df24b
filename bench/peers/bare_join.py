"""The table engine alone: one join of two tables' own Parquet files that writes row ids and two columns, in order.

usage: python bare_join.py ROWS.parquet REFERENCE.parquet OUT.parquet THREADS OWN_KEY KEY COLUMN COLUMN
Prints JSON: seconds of the COPY, how many rows matched. Keys are compared as a lookup does: trimmed, in lower case,
the first row of each key counts. `ROWS` and `REFERENCE` may be patterns.
"""

import json
import sys
import time

import duckdb

rows, reference, target, threads, own_key, key, first, second = sys.argv[1:]
with duckdb.connect(config={"threads": int(threads)}) as engine:
    engine.execute("SET enable_progress_bar = false")
    began_at = time.perf_counter()
    engine.execute(
        f"COPY (SELECT t._row_id, r.a, r.b FROM '{rows}' t LEFT JOIN ("  # noqa: S608
        f"SELECT lower(trim({key})) AS k, arg_min({first}, _row_id) AS a, arg_min({second}, _row_id) AS b "
        f"FROM '{reference}' GROUP BY k) r ON r.k = lower(trim(t.{own_key})) ORDER BY t._row_id) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 20480)"
    )
    seconds = time.perf_counter() - began_at
    matched = engine.execute(f"SELECT count(a) FROM '{target}'").fetchall()[0][0]  # noqa: S608
print(json.dumps({"seconds": seconds, "matched": matched}))
