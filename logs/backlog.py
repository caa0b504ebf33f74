"""Publishing activity behind a decision's back: a thread of this process takes it to the store.

A decision costs no round trip and never waits for a store that is away; under load many messages
go in one. What is queued when the process is killed is lost to live pages only.
"""

import atexit
import os
import threading
from collections import deque
from typing import Any

from logs import activity

LONGEST = 10_000  # beyond this the oldest give way: pages show the newest
MOST_AT_ONCE = 500
_queue: deque[tuple[str, dict[str, Any]]] = deque(maxlen=LONGEST)
_wake = threading.Event()
_idle = threading.Event()
_idle.set()
_starting = threading.Lock()
_thread: tuple[int, threading.Thread] | None = None  # with the process it runs in: a fork has no threads


def publish_soon(messages: list[tuple[str, dict[str, Any]]]) -> None:
    """Queue messages for live pages; returns at once."""
    _queue.extend(messages)
    _idle.clear()
    _wake.set()
    if _thread is None or _thread[0] != os.getpid():
        _start()


def flush(seconds: float = 2.0) -> bool:
    """Wait until everything queued so far was taken to the store, or given up; False when time ran out."""
    return _idle.wait(seconds) if _thread is not None else not _queue


def _start() -> None:
    global _thread
    with _starting:
        if _thread is None or _thread[0] != os.getpid():
            thread = threading.Thread(target=_work, name="activity", daemon=True)
            _thread = (os.getpid(), thread)
            thread.start()
            atexit.register(flush)


def _work() -> None:
    while True:
        _wake.wait()
        _wake.clear()
        while _queue:
            count = min(len(_queue), MOST_AT_ONCE)
            activity.publish_many([_queue.popleft() for _ in range(count)])
        _idle.set()
        if _queue:  # something came between the last look and the mark
            _idle.clear()
            _wake.set()
