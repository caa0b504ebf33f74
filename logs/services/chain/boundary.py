"""Up to which id the audit trail is closed: no event with this or a smaller id can still appear."""

import time

from django.db import connection

from logs.models import AuditEvent

LOOK_AGAIN_SECONDS = 0.05
HANDED_OUT = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass), 0)"
# An INSERT takes this lock before it is given its id, and keeps it until what it wrote can be seen by all.
WRITERS = """
    select virtualtransaction from pg_locks
    where locktype = 'relation' and relation = %s::regclass and granted
      and pid is distinct from pg_backend_pid()
      and database = (select oid from pg_database where datname = current_database())
      and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
TABLE = AuditEvent._meta.db_table


def handed_out() -> int:
    """The largest id that an event was given so far, whether it was committed or not."""
    return _rows(HANDED_OUT)[0][0]


def closed_boundary(patience: float) -> int | None:
    """An id up to which all that will ever be there can be seen now; None when writers outlast patience (s).

    Ids are not committed in their order. Whoever may hold an id up to the one read first was writing then:
    once those writers have ended, that id is a boundary. Later writers, with larger ids, are not waited for,
    and nobody waits for us. Statements must see what was committed before them (READ COMMITTED).
    """
    boundary, waited_for = handed_out(), _writers()
    end = time.monotonic() + patience
    while waited_for:
        if time.monotonic() >= end:
            return None
        time.sleep(LOOK_AGAIN_SECONDS)
        waited_for &= _writers()
    return boundary


def _writers() -> set[str]:
    return {row[0] for row in _rows(WRITERS)}


def _rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, (TABLE,))
        return cursor.fetchall()
