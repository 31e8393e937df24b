"""Phone numbers by one process and by two, with the same pool a worker uses.

usage: python enrich_pool.py FILE ROWS     (prints JSON: seconds with one process, with two; start-up is not counted)
"""

import json
import sys
import time
from itertools import islice
from pathlib import Path

import pyarrow as pa

from muster.enrichments.pool import Processes
from muster.enrichments.provider import Call
from muster.enrichments.providers import all_providers


def main(source: str, rows: str) -> None:
    with Path(source).open(encoding="utf-8") as file:
        values = [line.rstrip("\n") for line in islice(file, int(rows))]
    phone = all_providers()["phone"]
    nothing = pa.nulls(len(values), pa.large_string())
    batch = pa.RecordBatch.from_arrays(
        [pa.array(values, pa.large_string()), nothing],
        names=[need.name for need in phone.manifest.terms.needs],
    )
    call = Call(phone.manifest.settings(), frozenset(give.name for give in phone.manifest.terms.gives))
    seconds = {}
    for size in (1, 2):
        pool = Processes(size)
        list(
            pool.enrich("phone", batch.slice(0, 8_000), call, lambda: False)
        )  # processes started, tables loaded
        began_at = time.perf_counter()
        answered = sum(each.num_rows for each in pool.enrich("phone", batch, call, lambda: False))
        seconds[size] = time.perf_counter() - began_at
        pool.close()
        if answered != len(values):
            sys.exit(f"{answered} of {len(values)} numbers were answered")
    print(json.dumps({"one": seconds[1], "two": seconds[2], "values": len(values)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
