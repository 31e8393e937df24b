"""pandas over a frame of typed columns: counts by conditions, and one row of every address.

usage: python segment_pandas.py FILE.csv ASKS.json     (prints JSON: seconds to load, of each count, of duplicates)
"""

import json
import sys
import time
from pathlib import Path

import pandas

source, asks = sys.argv[1:]
began_at = time.perf_counter()
frame = pandas.read_csv(source, keep_default_na=False, na_values=[""])
loaded = time.perf_counter() - began_at
counts, seconds = [], []
for ask in json.loads(Path(asks).read_text(encoding="utf-8")):
    began_at = time.perf_counter()
    mask = (
        frame["country"].isin(ask["countries"])
        & frame["employees"].between(ask["low"], ask["high"])
        & (frame["score"] >= ask["score"])
        & frame["full_name"].str.contains(ask["name"], regex=False)
        & (frame["note"] != ask["note"])
    )
    counts.append(int(mask.sum()))
    seconds.append(time.perf_counter() - began_at)
began_at = time.perf_counter()
left = int((~frame["email"].str.strip().str.lower().duplicated(keep="last")).sum())
told = {"dedupe_seconds": time.perf_counter() - began_at, "left": left}
print(json.dumps({"loaded": loaded, "counts": counts, "seconds": seconds, **told}))
