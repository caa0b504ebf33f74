"""Storing parts while the next are computed: one thread with a connection of its own, in the order given."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from django.db import connection, connections

from fraud_detection.services.bulk.storing import Part, Store

WAITING = 2  # parts that may wait to be stored: more only takes memory


class Writer:
    """Stores what is put; within a transaction of the caller at once.

    What fails is raised at the next `put`, or at the end.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.waiting: deque[Future] = deque()
        self.pool = None if connection.in_atomic_block else ThreadPoolExecutor(1, "bulk-writer")

    def __enter__(self) -> "Writer":
        return self

    def put(self, part: Part) -> None:
        if self.pool is None:
            self.store.store(part)
            return
        while len(self.waiting) >= WAITING:
            self.waiting.popleft().result()
        self.waiting.append(self.pool.submit(self.store.store, part))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pool is None:
            return
        try:
            while self.waiting:
                self.waiting.popleft().result()
        finally:
            self.pool.submit(connections.close_all)
            self.pool.shutdown(cancel_futures=False)
