"""Rehearsals: whatever happens in one is carried out in full, by the same code, and then undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Undo every change of the database made inside; nothing waiting for a commit is carried out."""
    token = _rehearsing.set(True)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        _rehearsing.reset(token)


def rehearsing() -> bool:
    """Whether what happens now will be undone, so that nobody must be told of it."""
    return _rehearsing.get()
