"""The table engine alone over a table's own copy in memory order: the newest row of every address, and counts.

usage: python bare_dedupe.py HOT.arrow COLUMN ROUNDS THREADS     (prints JSON: seconds of each round, how many rows are left)

Only the one column and the row id are touched; nothing is checked to be an address, nothing else is answered.
"""

import json
import sys
import time

import duckdb
import pyarrow as pa

path, column, rounds, threads = sys.argv[1:]
with pa.memory_map(path) as file, duckdb.connect(config={"threads": int(threads)}) as engine:
    engine.register("people", pa.ipc.open_file(file).read_all().select(["_row_id", column]))
    query = f"SELECT count(*) FROM (SELECT max(_row_id) FROM people GROUP BY lower(trim({column})))"  # noqa: S608
    seconds = []
    for _ in range(int(rounds) + 1):
        began_at = time.perf_counter()
        left = engine.execute(query).fetchall()[0][0]
        seconds.append(time.perf_counter() - began_at)
print(json.dumps({"seconds": seconds[1:], "left": left}))  # the first one read the file
