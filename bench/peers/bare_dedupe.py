"""The table engine alone over a table's own copy in memory order: which rows have the same address, and the newest of them.

usage: python bare_dedupe.py HOT.arrow COLUMN ROUNDS THREADS     (prints JSON: seconds of each round, how many rows are left)

Only the one column and the row id are touched; nothing is checked to be an address, nothing else is answered. As in
Muster the answer is held: for every row that has a twin the row that stands for it.
"""

import json
import sys
import time

import duckdb
import pyarrow as pa

path, column, rounds, threads = sys.argv[1:]
with pa.memory_map(path) as file, duckdb.connect(config={"threads": int(threads)}) as engine:
    engine.register("people", pa.ipc.open_file(file).read_all().select(["_row_id", column]))
    query = f"""
        WITH again AS (
            SELECT lower(trim({column})) AS key, max(_row_id) AS newest FROM people GROUP BY key HAVING count(*) > 1
        )
        SELECT _row_id, newest FROM people JOIN again ON lower(trim({column})) = key"""  # noqa: S608
    seconds = []
    for _ in range(int(rounds) + 1):
        began_at = time.perf_counter()
        found = engine.sql(query).to_arrow_table()
        seconds.append(time.perf_counter() - began_at)
    rows = engine.sql(f"SELECT count({column}) FROM people").fetchall()[0][0]  # noqa: S608
    groups = engine.sql("SELECT count(DISTINCT newest) FROM found").fetchall()[0][0]
    left = rows - found.num_rows + groups
print(json.dumps({"seconds": seconds[1:], "left": left}))  # the first one read the file
