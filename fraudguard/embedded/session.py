"""Who uses the embedded services: the first user starts them, the last one out stops them.

Every user (the supervisor, a management command, a test run) holds a shared lock for as long as it lives, so
a killed one counts as gone. Starting and stopping happen under an exclusive second lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from fraudguard.embedded import postgres, valkey
from fraudguard.embedded.place import Place, prepare

SERVICES = (postgres, valkey)


class Session:
    """
    >>> session = Session(locate())
    >>> session.open()    # both answer now
    >>> session.close()   # and are stopped, unless somebody else uses them
    """

    def __init__(self, place: Place, durable: bool = True, services: tuple = SERVICES) -> None:
        self.place, self.durable, self.services = place, durable, services
        self._users: int | None = None
        self._owner = os.getpid()

    def open(self) -> None:
        prepare(self.place)
        with self._starting():
            self._users = self._lock_file("users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            with self._starting():
                for service in self.services:
                    service.ensure(self.place, self.durable)
        except BaseException:
            self.close()  # the one that did start must not outlive us
            raise

    def close(self) -> None:
        """Idempotent; a forked child's copy does nothing."""
        if self._users is None or os.getpid() != self._owner:
            return
        with self._starting():
            if self._is_last():
                for service in reversed(SERVICES):
                    service.stop(self.place)
            os.close(self._users)
            self._users = None

    def restart(self, service: ModuleType) -> None:
        """One of `services` that has ended; nothing happens where somebody else has started it meanwhile."""
        with self._starting():
            service.ensure(self.place, self.durable)

    def _is_last(self) -> bool:
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def _starting(self) -> Iterator[None]:
        lock = self._lock_file("start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _lock_file(self, name: str) -> int:
        path = self.place.run / name
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.place.account.own(path, 0o600)
        return handle
