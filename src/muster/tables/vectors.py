"""Id vectors: which rows a filter finds, in which order; kept in memory while there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import pyarrow as pa
import structlog

from muster.errors import MusterError
from muster.tables.sorted_ids import SortedIds

log = structlog.get_logger("muster.tables")


class Weighed(Protocol):
    """What can be kept: it knows how much memory it takes."""

    @property
    def size_bytes(self) -> int: ...


Kept = TypeVar("Kept", bound=Weighed)


class IdVector(Weighed, Protocol):
    """Row ids in order."""

    def __len__(self) -> int: ...

    def window(self, offset: int, limit: int) -> Sequence[int]:
        """At most `limit` ids from position `offset` on; none beyond the end."""
        ...

    def array(self) -> pa.Array:
        """All of them, int32 or int64."""
        ...


class AllRows:
    """Every row that is not hidden, in the order rows joined the table; nothing is stored.

    rows: row ids given out. hidden: those that no longer belong.
    """

    size_bytes = 0

    def __init__(self, rows: int, hidden: SortedIds | None = None) -> None:
        self._rows = rows
        self._hidden = hidden

    def __len__(self) -> int:
        return self._rows - (0 if self._hidden is None else len(self._hidden))

    def window(self, offset: int, limit: int) -> Sequence[int]:
        stop = min(offset + limit, len(self))
        if self._hidden is None or not len(self._hidden):
            return range(offset, max(offset, stop))
        found = []
        skipped = self._hidden_before(offset)
        for position in range(offset, stop):
            while skipped < len(self._hidden) and self._hidden[skipped] <= position + skipped:
                skipped += 1
            found.append(position + skipped)
        return found

    def array(self) -> pa.Array:
        if self._hidden is None:
            return pa.arange(0, self._rows)
        return pa.array(self.window(0, len(self)), pa.int64())

    def _hidden_before(self, position: int) -> int:
        """How many hidden ids lie before the visible row at `position`."""
        hidden = self._hidden
        low, high = 0, 0 if hidden is None else len(hidden)
        while hidden is not None and low < high:
            middle = (low + high) // 2
            if hidden[middle] - middle <= position:  # visible rows before this hidden one
                low = middle + 1
            else:
                high = middle
        return low


class ChosenRows:
    """The ids a query gave."""

    def __init__(self, ids: pa.Array) -> None:
        self._ids = ids
        self.size_bytes: int = ids.nbytes

    def __len__(self) -> int:
        return len(self._ids)

    def window(self, offset: int, limit: int) -> Sequence[int]:
        found: list[int] = self._ids.slice(min(offset, len(self._ids)), limit).to_pylist()
        return found

    def array(self) -> pa.Array:
        return self._ids


@dataclass(slots=True)
class _Work(Generic[Kept]):
    compute: Callable[[], Kept]
    future: "Future[Kept]"
    is_claimed: bool = False


class VectorCache(Generic[Kept]):
    """Vectors, or other answers that take memory, by what they answer, the least recently used out first; thread-safe.

    Each is computed once, however many ask for it at the same time; a failure is told to all of them and
    not kept. max_bytes: of all vectors together; a larger one is handed out and not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._used_bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._works: dict[Hashable, _Work[Kept]] = {}
        self._background = ThreadPoolExecutor(1, thread_name_prefix="id-vectors")

    def ready(self, key: Hashable) -> Kept | None:
        """The vector if it is known."""
        with self._lock:
            vector = self._kept.get(key)
            if vector is not None:
                self._kept.move_to_end(key)
            return vector

    def get(self, key: Hashable, compute: Callable[[], Kept]) -> Kept:
        """The vector, computed here unless somebody else is at it."""
        vector = self.ready(key)
        if vector is not None:
            return vector
        work = self._work(key, compute)
        self._do(key, work)
        return work.future.result()

    def start(self, key: Hashable, compute: Callable[[], Kept]) -> "Future[Kept]":
        """Compute it in the background unless it is on its way."""
        work = self._work(key, compute)
        self._background.submit(self._do_unheard, key, work).add_done_callback(_report)
        return work.future

    def running(self, key: Hashable) -> "Future[Kept] | None":
        """What will hold the vector, when it is on its way."""
        with self._lock:
            work = self._works.get(key)
            return None if work is None else work.future

    def close(self) -> None:
        self._background.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._kept.clear()
            self._used_bytes = 0

    def _work(self, key: Hashable, compute: Callable[[], Kept]) -> "_Work[Kept]":
        with self._lock:
            work = self._works.get(key)
            if work is None:
                work = self._works[key] = _Work(compute, Future())
            return work

    def _do(self, key: Hashable, work: "_Work[Kept]") -> None:
        """Compute unless it is claimed; what waits in the background is done by whoever needs it first."""
        with self._lock:
            if work.is_claimed:
                return
            work.is_claimed = True
        try:
            vector = work.compute()
        except BaseException as error:
            with self._lock:
                self._works.pop(key, None)
            work.future.set_exception(error)
            raise
        with self._lock:
            self._works.pop(key, None)
            self._keep(key, vector)
        work.future.set_result(vector)

    def _do_unheard(self, key: Hashable, work: "_Work[Kept]") -> None:
        try:
            self._do(key, work)
        except MusterError as error:
            log.info("table.vector_failed", code=error.error_code)

    def _keep(self, key: Hashable, vector: Kept) -> None:
        if vector.size_bytes > self._max_bytes:
            return
        self._kept[key] = vector
        self._used_bytes += vector.size_bytes
        while self._used_bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._used_bytes -= dropped.size_bytes


def _report(done: "Future[None]") -> None:
    """A bug of ours that no request would tell of."""
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("table.vector_failed", exc_info=error)
