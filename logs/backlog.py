"""Publishing activity behind a decision's back: a thread of this process takes it to the store.

A decision costs no round trip and never waits for a store that is away; under load many messages
go in one. What is queued when the process is killed is lost to live pages only.
"""

import atexit
import os
import threading
from collections import deque
from typing import Any

import structlog

from logs import activity

LONGEST = 10_000  # beyond this the oldest give way: pages show the newest
MOST_AT_ONCE = 500
log = structlog.get_logger(__name__)
Message = tuple[str, dict[str, Any]]


class _Backlog:
    """The queue of one process, and the thread that empties it."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.queue: deque[Message] = deque(maxlen=LONGEST)
        self.publishing = False
        self.changed = threading.Condition()
        threading.Thread(target=self._work, name="activity", daemon=True).start()

    def add(self, messages: list[Message]) -> None:
        with self.changed:
            self.queue.extend(messages)
            self.changed.notify_all()

    def flush(self, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: not self.queue and not self.publishing, seconds)

    def _work(self) -> None:
        while True:
            messages = self._next()
            try:
                activity.publish_many(messages)
            except Exception:  # what cannot be told must not end the telling
                log.exception("activity_not_published", messages=len(messages))

    def _next(self) -> list[Message]:
        with self.changed:
            self.publishing = False
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.queue)
            self.publishing = True
            return [self.queue.popleft() for _ in range(min(len(self.queue), MOST_AT_ONCE))]


_starting = threading.Lock()
_backlog: _Backlog | None = None


def publish_soon(messages: list[Message]) -> None:
    """Queue messages for live pages; returns at once."""
    _of_this_process().add(messages)


def flush(seconds: float = 2.0) -> bool:
    """Wait until everything queued so far was taken to the store, or given up; False when time ran out."""
    return _backlog is None or _backlog.process != os.getpid() or _backlog.flush(seconds)


def _of_this_process() -> _Backlog:
    """A fork inherits the queue but not the thread: it gets a backlog of its own."""
    global _backlog
    if _backlog is None or _backlog.process != os.getpid():
        with _starting:
            if _backlog is None or _backlog.process != os.getpid():
                _backlog = _Backlog()
                atexit.register(flush)
    return _backlog
