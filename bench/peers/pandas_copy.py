"""pandas from CSV to Parquet, all text, on a Python of its own.

usage: python pandas_copy.py FILE.csv OUT.parquet default|lenient   (prints JSON: seconds, rows)
lenient: what is done where the default refuses: bad lines skipped, undecodable bytes replaced.
"""

import json
import sys
import time

import pandas

source, target, way = sys.argv[1:]
options = {"on_bad_lines": "skip", "encoding_errors": "replace"} if way == "lenient" else {}
began_at = time.perf_counter()
frame = pandas.read_csv(source, dtype=str, **options)
frame.to_parquet(target)
print(json.dumps({"seconds": time.perf_counter() - began_at, "rows": len(frame)}))
