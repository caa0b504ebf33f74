"""Statuses that come with an event, stored in the same moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from transactions.models import Status
from transactions.services.copying import copy_in

KEYS = ("sender_key", "card_key", "device_key", "ip_key")
COLUMNS = ("transaction_id", "status", "known_at", "recorded_at", "recorded_by", "declined_delta", *KEYS)
TABLE = "transactions_statuschange"
INSERT = f"insert into {TABLE} ({', '.join(COLUMNS)}) values ({', '.join(['%s'] * len(COLUMNS))})"
TAKE_BACK = f"""
    insert into {TABLE} ({", ".join(COLUMNS)})
    select %s, status, clock_timestamp(), clock_timestamp(), 'correction', -1, {", ".join(KEYS)}
    from {TABLE}
    where id = (select max(id) from {TABLE} where transaction_id = %s)
    and (select sum(declined_delta) from {TABLE} where transaction_id = %s) = 1
"""


def store_given_status(row: Mapping[str, Any]) -> None:
    """Add the status that an event was sent with, if any: known at once, so at the event's own time."""
    if row.get("status"):
        with connection.cursor() as cursor:
            cursor.execute(INSERT, _values(row))


def store_given_statuses(rows: Sequence[Mapping[str, Any]]) -> None:
    """`store_given_status` for many events, by COPY."""
    given = [row for row in rows if row.get("status")]
    if given:
        copy_in(TABLE, COLUMNS, map(_values, given))


def take_back_decline(event_id: int) -> None:
    """From now on a version that gives way to another is no decline any more, if it was one."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, (event_id, event_id, event_id))


def _values(row: Mapping[str, Any]) -> tuple:
    delta = int(row["status"] == Status.DECLINED)
    times = (row["occurred_at"], row["received_at"])
    return (row["id"], row["status"], *times, "", delta, *(row.get(key) for key in KEYS))
