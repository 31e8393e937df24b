"""Items made ahead of their use: each in a thread while the one before it is used, in order, one at a time."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Item = TypeVar("Item")
_LOOK_SECONDS = 0.25


class Ahead(Generic[Item]):
    """What an iterator gives. Several in a row, each fed by the one before it, keep several processors busy."""

    def __init__(self, items: Iterator[Item], name: str, *, most: int = 1) -> None:
        """most: how many items are made before one of them is asked for."""
        self._items = items
        self._maker = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._coming: deque[Future[Item | None]] = deque()
        for _ in range(most):
            self._make_one()

    def _make_one(self) -> None:
        self._coming.append(self._maker.submit(next, self._items, None))

    def next(self, meanwhile: Callable[[], None]) -> Item | None:
        """The next item, None behind the last one. Raises what making it raises.

        meanwhile: called again and again while the item is not there; what it raises ends the waiting.
        """
        while not wait([self._coming[0]], _LOOK_SECONDS).done:
            meanwhile()
        item = self._coming[0].result()
        if item is not None:
            self._coming.popleft()
            self._make_one()
        return item

    def close(self) -> None:
        """End the iterator; waits for the item that is being made."""
        for made in self._coming:
            made.cancel()
        self._maker.submit(_close, self._items)
        self._maker.shutdown()


def _close(items: Iterator[Item]) -> None:
    close = getattr(items, "close", None)
    if close is not None:
        close()
