"""The most recently used frame indexes, so that paging through an upload reads its index once."""

import threading
from collections import OrderedDict

from muster.objects.frames import FrameIndex, read_index
from muster.objects.store import ObjectStore

_KEPT = 256


class IndexCache:
    """Thread-safe. Never stale: an object is written once, under a key that is never used again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._indexes: OrderedDict[str, FrameIndex] = OrderedDict()

    def get(self, store: ObjectStore, key: str) -> FrameIndex:
        """The index of the object at `key`; raises NotFound when it is not known and not there."""
        with self._lock:
            index = self._indexes.get(key)
            if index is not None:
                self._indexes.move_to_end(key)
                return index
        index = read_index(store, key)
        with self._lock:
            self._indexes[key] = index
            while len(self._indexes) > _KEPT:
                self._indexes.popitem(last=False)
        return index
