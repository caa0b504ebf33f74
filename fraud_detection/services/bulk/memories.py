"""The memory of stored history that a process keeps from one chunk of a file to the next."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from fraud_detection.services.bulk.memory import Memory
from ml.features.spec import FeatureSet

IDLE_SECONDS = 60.0  # after which what is kept is let go
_using = threading.Lock()
_kept: Memory | None = None
_ending: threading.Timer | None = None


@contextmanager
def memory_for(feature_set: FeatureSet) -> Iterator[Memory]:
    """The kept memory, or one of its own where the kept one is in use or what is stored may be undone."""
    global _kept, _ending
    if connection.in_atomic_block or not _using.acquire(blocking=False):
        yield Memory(feature_set)
        return
    try:
        if _ending is not None:
            _ending.cancel()
        memory, _kept = _kept, None  # whatever fails from here on, what is half known is not kept
        if memory is None or memory.feature_set.version != feature_set.version:
            memory = Memory(feature_set)
        yield memory
        _kept = memory
        _ending = threading.Timer(IDLE_SECONDS, forget_memory)
        _ending.daemon = True
        _ending.start()
    finally:
        _using.release()


def forget_memory() -> None:
    """Let what is kept go, unless it is in use."""
    global _kept
    if _using.acquire(blocking=False):
        _kept = None
        _using.release()
