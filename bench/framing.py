"""Frames of 128 KiB cut by guess against frames of exactly 1,000 records: check, compress, read a window.

Run: .venv/bin/python bench/framing.py. Prints medians of interleaved rounds in one process, and ratios.
Behind docs/decisions/0020-frames-cut-by-bytes.md.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from bodies import small  # the same bytes the server is measured with

from muster.objects import frames
from muster.objects.local import LocalStore
from muster.records.identity import Identity, unidentified
from muster.records.parse import BatchQuery, parse_batch
from muster.records.syntax import invalid_utf8_at

ROUNDS = 15
KEY = "uploads/xx/bench/records.json.zst"
RESULTS = Path(__file__).parent / "results" / "framing.json"

_envelope = msgspec.json.Decoder(
    msgspec.defstruct("Envelope", [("upload_name", str), ("records", msgspec.Raw)])
)
_identities = msgspec.json.Decoder(list[Identity])
_raws = msgspec.json.Decoder(list[msgspec.Raw])


def by_guess(body: bytes) -> list[bytes]:
    """What Muster does."""
    batch = parse_batch(body, max_records=50_000, query=BatchQuery())
    return frames.frame_records((chunk.json, chunk.records) for chunk in batch.chunks)


def by_thousand(body: bytes) -> list[bytes]:
    """The plain way: decode everything once, split every record, a frame for each 1,000."""
    if invalid_utf8_at(body) is not None:
        raise ValueError("not UTF-8")
    records = _envelope.decode(body).records
    if unidentified(_identities.decode(records)):
        raise ValueError("unidentified")
    raws = _raws.decode(records)
    groups = (raws[start : start + 1000] for start in range(0, len(raws), 1000))
    return frames.frame_records((b",".join(group), len(group)) for group in groups)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    body = small().content
    with tempfile.TemporaryDirectory() as directory:
        stores = {}
        for name, make in (("guess", by_guess), ("thousand", by_thousand)):
            stores[name] = LocalStore(Path(directory) / name)
            stores[name].put(KEY, make(body))
        indexes = {name: frames.read_index(store, KEY) for name, store in stores.items()}

        def window(name: str) -> None:
            if len(list(frames.window(stores[name], KEY, indexes[name], 40_000, 40_100))) != 100:
                raise AssertionError("a window of 100 records has 100 records")

        works: dict[str, Callable[[], object]] = {
            "check and compress, 128 KiB by guess": lambda: by_guess(body),
            "check and compress, 1,000 records exactly": lambda: by_thousand(body),
            "window of 100, 128 KiB by guess": lambda: window("guess"),
            "window of 100, 1,000 records exactly": lambda: window("thousand"),
        }
        times: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(ROUNDS):
            for name, work in works.items():
                times[name].append(timed(work))
        medians = {name: round(statistics.median(values), 2) for name, values in times.items()}
        sizes = {name: store.size(KEY) for name, store in stores.items()}
    for name, value in medians.items():
        print(f"{value:8.2f} ms  {name}")
    first, second, third, fourth = medians.values()
    ratios = {"check and compress": round(second / first, 2), "window": round(fourth / third, 2)}
    print(f"1,000 records exactly / by guess: {ratios}; stored bytes: {sizes}")
    RESULTS.write_text(
        json.dumps(
            {
                "body_bytes": len(body),
                "rounds": ROUNDS,
                "medians_ms": medians,
                "ratios": ratios,
                "stored_bytes": sizes,
            },
            indent=2,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
