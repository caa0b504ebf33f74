"""One deliverer of a kind at a time, wherever workers run; a killed one is free with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SPACE = 0x46474E  # the first half of the lock's key; accounts are locked in other spaces
KINDS = {"webhooks": 1, "notifications": 2, "fan_out": 3, "stream": 4}


@contextmanager
def alone(kind: str) -> Iterator[bool]:
    """False when another one is at it. The lock belongs to the session, not to a transaction."""
    key = (SPACE, KINDS[kind])
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", key)
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", key)
