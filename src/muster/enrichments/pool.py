"""Other processes for providers that are Python through and through: one processor each instead of one for all.

They are started at the first batch that is worth it and kept. A process whose parent is gone ends by itself:
a worker that was killed must leave nothing behind.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection as process_connection
from multiprocessing import get_context, parent_process
from typing import Final

import pyarrow as pa

from muster.enrichments.provider import Call, Settings
from muster.errors import Unavailable

SLICE_ROWS: Final = 2_000
"""Inputs handed to a process at a time: a tenth of a second of work, so that cancelling is quick."""
WORTH_ROWS: Final = 10_000
"""Fewer inputs are done here sooner than processes start."""
_LOOK_SECONDS: Final = 0.2


class Processes:
    """A pool of processes that enrich; thread-safe. size: how many; `close` when done."""

    def __init__(self, size: int | None = None) -> None:
        self.size = size or os.cpu_count() or 1
        self._guard = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def enrich(
        self, provider_id: str, batch: pa.RecordBatch, call: Call, is_stopping: Callable[[], bool]
    ) -> Iterator[pa.RecordBatch]:
        """The answers, slice by slice, in order; ends early once is_stopping.

        Raises Unavailable (`enrichment_process_died`) when a process was killed, what the provider raises.
        """
        settings = call.settings.model_dump_json()
        slices = [batch.slice(at, SLICE_ROWS) for at in range(0, batch.num_rows, SLICE_ROWS)]
        waiting: list[Future[bytes]] = []
        try:
            for at in range(len(slices)):
                while len(waiting) <= at + 2 * self.size and len(waiting) < len(slices):
                    waiting.append(
                        self._started().submit(
                            _enrich, provider_id, settings, sorted(call.wanted), _packed(slices[len(waiting)])
                        )
                    )
                while not wait([waiting[at]], timeout=_LOOK_SECONDS).done:
                    if is_stopping():
                        return
                yield _unpacked(waiting[at].result())
                if is_stopping():
                    return
        except BrokenProcessPool as error:
            self.close()
            raise Unavailable(
                "A process that enriches was ended from outside; it is started again.",
                code="enrichment_process_died",
                retry_after_seconds=1,
            ) from error
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        with self._guard:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        with self._guard:
            if self._pool is None:
                # A server that only knows what is needed here forks them: quick, and no threads are copied.
                context = get_context("forkserver")
                context.set_forkserver_preload(["muster.enrichments.pool"])
                self._pool = ProcessPoolExecutor(self.size, mp_context=context, initializer=_end_with_parent)
            return self._pool


def _end_with_parent() -> None:
    """In the process: end when the parent does, however it ends."""
    parent = parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        process_connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def _enrich(provider_id: str, settings_json: str, wanted: list[str], packed: bytes) -> bytes:
    """In the process: answer one slice."""
    from muster.enrichments.providers import all_providers  # noqa: PLC0415 - only these processes need it

    provider = all_providers()[provider_id]
    settings: Settings = provider.manifest.settings.model_validate_json(settings_json)
    call = Call(settings, frozenset(wanted), allow_network=False)
    try:
        return _packed(provider.enrich(_unpacked(packed), call))
    finally:
        call.close()


def _packed(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpacked(packed: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(packed) as reader:
        return reader.read_next_batch()
