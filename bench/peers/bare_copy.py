"""The table engine alone: one COPY of a table's own Parquet files into a CSV file, in the order of the table.

usage: python bare_copy.py ROWS.parquet OUT.csv THREADS COLUMN...
Prints JSON: seconds of the COPY, seconds of processors it took, rows, bytes. `ROWS` may be a pattern; its columns are called c0, c1 ... there.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

rows, target, threads, *columns = sys.argv[1:]
with duckdb.connect(config={"threads": int(threads)}) as engine:
    engine.execute("SET enable_progress_bar = false")
    selected = ", ".join(f"c{number} AS {name}" for number, name in enumerate(columns))
    began_at, cpu_at = time.perf_counter(), time.process_time()
    engine.execute(f"COPY (SELECT {selected} FROM '{rows}') TO '{target}' (FORMAT csv)")  # noqa: S608
    seconds, cpu = time.perf_counter() - began_at, time.process_time() - cpu_at
    written = engine.execute(f"SELECT count(*) FROM '{rows}'").fetchall()[0][0]  # noqa: S608
print(json.dumps({"seconds": seconds, "cpu": cpu, "rows": written, "bytes": Path(target).stat().st_size}))
