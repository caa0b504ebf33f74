"""Calls wait in memory until a thread of the process writes them, many in one statement.

An answer costs an append to a list. Bounded: what does not fit while the database is away is dropped, counted
and told. A stop in order writes what waits; a process that is killed loses what came in since the last
writing, at most a second of calls.
"""

import os
import threading
from collections import deque

import structlog
from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection

from logs.metrics import CALLS_DROPPED
from logs.models import Level
from logs.services.calls.row import Call
from logs.services.calls.writing import write
from logs.services.ending import at_end
from logs.services.system_events import note_if_possible

LONGEST = 20_000
AT_ONCE = 2_000
EVERY_SECONDS = 1.0
log = structlog.get_logger(__name__)


class _Buffer:
    """The waiting calls of one process, and the thread that writes them."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.waiting: deque[Call] = deque()
        self.dropped = 0
        self.writing, self.counting = threading.Lock(), threading.Lock()
        self.ending = threading.Event()
        threading.Thread(target=self._work, name="call-log", daemon=True).start()

    def add(self, call: Call) -> None:
        if len(self.waiting) < LONGEST:
            self.waiting.append(call)
        else:
            self._count(1)

    def write_all(self) -> bool:
        """Write what waits; False when the database is away, and then it goes on waiting."""
        with self.writing:
            while calls := self._taken():
                if not self._written(calls):
                    return False
            self._tell_of_drops()
        return True

    def _taken(self) -> list[Call]:
        return [self.waiting.popleft() for _ in range(min(len(self.waiting), AT_ONCE))]

    def _written(self, calls: list[Call]) -> bool:
        try:
            write(calls)
        except (OperationalError, InterfaceError) as error:
            log.warning("calls_not_written", waiting=len(self.waiting), error=str(error).strip())
            self.waiting.extendleft(reversed(calls))
            connection.close()
            return False
        except DatabaseError:
            log.exception("calls_dropped", calls=len(calls))
            self._count(len(calls))
        return True

    def _count(self, count: int) -> None:
        CALLS_DROPPED.inc(count)
        with self.counting:
            self.dropped += count

    def _tell_of_drops(self) -> None:
        with self.counting:
            count, self.dropped = self.dropped, 0
        if count:
            text = f"{count:,} API calls were not written down: they came in faster than they could be stored"
            told = {"level": Level.WARNING, "text": text, "detail": {"calls": count}}
            note_if_possible("calls.dropped", component="api", **told)

    def _work(self) -> None:
        while not self.ending.wait(EVERY_SECONDS):
            try:
                self.write_all()
            except Error:  # what cannot be written must not end the writing
                log.exception("calls_not_written")


_starting = threading.Lock()
_buffer: _Buffer | None = None


def add(call: Call) -> None:
    """Note a call; returns at once."""
    buffer = _buffer
    if buffer is None or buffer.process != os.getpid():
        buffer = _of_this_process()
    buffer.add(call)


def drain() -> bool:
    """Write what waits in this process; False when the database is away."""
    return _buffer is None or _buffer.process != os.getpid() or _buffer.write_all()


def _of_this_process() -> _Buffer:
    """A fork inherits the calls of its parent but not the thread: it gets a buffer of its own."""
    global _buffer
    with _starting:
        if _buffer is None or _buffer.process != os.getpid():
            _buffer = _Buffer()
            at_end(_end)
    return _buffer


def _end() -> None:
    if _buffer is not None and _buffer.process == os.getpid():
        _buffer.ending.set()
        _buffer.write_all()
        connection.close()
