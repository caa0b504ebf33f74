"""Events that others stored meanwhile: from which id on they can be, and whether they concern given accounts.

Whoever stores an event holds its accounts' advisory locks first and takes its id afterwards. So an id above
which everything not seen yet must lie is one that was the newest when nobody held a lock who holds one now.
"""

import time
from collections import deque
from typing import NamedTuple

import numpy as np
from django.db import connection

from fraud_detection.services.bulk.reading import NotPlain
from ml.features.spec import NULL
from transactions.services import copy_out

KEPT = 50
PATIENCE_SECONDS = 10.0
NEWEST = "select case when is_called then last_value else 0 end from transactions_transaction_id_seq"
HOLDERS = """
    select distinct virtualtransaction from pg_locks
    where locktype = 'advisory' and pid <> pg_backend_pid() and virtualtransaction not like '%/0'
"""
KEYS = ("sender_key", "receiver_key", "card_key", "device_key")
BETWEEN = f"""
    select t.id, {", ".join(f"coalesce(t.{key}, {NULL})" for key in KEYS)}
    from unnest(%s::bigint[], %s::bigint[]) as gap(above, below)
    join transactions_transaction t on t.id > gap.above and t.id < gap.below
"""
LAST = 2**62


class _Look(NamedTuple):
    newest: int
    holders: frozenset[str]


class Arrivals:
    """Looks at the locks that are held, and what follows from them."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque([_look()], maxlen=KEPT)

    def floor(self) -> int:
        """An id above which every event is that is not visible yet; waits for whoever stores one now."""
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while True:
            now = _look()
            done = [look.newest for look in (*self._looks, now) if not look.holders & now.holders]
            if done:
                self._looks.append(now)
                return max(done)
            if time.monotonic() > patient_until:
                raise NotPlain("somebody holds accounts for a long time")
            time.sleep(0.01)


def _look() -> _Look:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        newest = cursor.fetchone()[0]
        cursor.execute(HOLDERS)
        return _Look(newest, frozenset(row[0] for row in cursor.fetchall()))


def ids_above(floor: int) -> np.ndarray:
    """All events that are stored above an id."""
    return copy_out(f"select id from transactions_transaction where id > {int(floor)}", (), ("id",))["id"]


def runs(ids: np.ndarray) -> list[tuple[int, int]]:
    """Ascending ids as ranges (first, last) without a gap."""
    parts = np.split(ids, np.flatnonzero(np.diff(ids) != 1) + 1) if len(ids) else []
    return [(int(part[0]), int(part[-1])) for part in parts]


def others(floor: int, own: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    """id and KEYS of the events above `floor` outside the ranges `own` (first, last) in order."""
    above = [floor, *(last for _, last in own)]
    below = [*(first for first, _ in own), LAST]
    gaps = [(one, other) for one, other in zip(above, below, strict=True) if other - one > 1]
    lists = ([one for one, _ in gaps], [other for _, other in gaps])
    return copy_out(BETWEEN, lists, ("id", *KEYS))
