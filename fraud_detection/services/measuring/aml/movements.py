"""The stored movements of one account around an event, as evidence shows them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from fraud_detection.services.responses import timestamp
from ml.domains.money import MINOR
from ml.domains.payments.schema import CHANNELS, TYPES
from ml.features.columns import EVENT_TABLE
from ml.features.spec import BOUND

MOST = 50  # what is listed; sums and counts are over all
SENT, RECEIVED = "sender_key", "receiver_key"
COLUMNS = (
    *("transaction_id", "sender_id", "receiver_id", "amount_minor", "original_minor", "currency"),
    *("occurred_at", "type", "channel", "branch", "region"),
)


def movements(event: Mapping[str, Any], side: str, account: int, window: timedelta) -> list[dict[str, Any]]:
    """Rows of COLUMNS in (t - window, t], newest first, this event included; bounded as features are.

    side  SENT or RECEIVED: on which the account stands; `account` is its key
    """
    query = f"""
        select {", ".join(COLUMNS)} from {EVENT_TABLE}
        where {side} = %s and (occurred_at, id) <= (%s, %s) and id <= %s and occurred_at > %s
          and (superseded_by_id is null or superseded_by_id > %s)
        order by occurred_at desc, id desc limit {BOUND}
    """
    at, number = event["occurred_at"], event["id"]
    with connection.cursor() as cursor:
        cursor.execute(query, (account, at, number, number, at - window, number))
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def money(minor: int) -> float:
    """Minor units as money, as metadata holds it."""
    return float(Decimal(minor) / MINOR)


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """One movement as a hit lists it; what was not given is left out."""
    given = {
        "transaction_id": row["transaction_id"],
        "at": moment(row["occurred_at"]),
        "amount": money(row["amount_minor"]),
        "from": row["sender_id"],
        "to": row["receiver_id"],
        "type": TYPES[row["type"] - 1],
        "channel": CHANNELS[row["channel"] - 1] if row["channel"] else None,
        "branch": row["branch"],
        "region": row["region"],
    }
    return {name: value for name, value in given.items() if value is not None}


def moment(at: datetime) -> str:
    return timestamp(at)


def grouped(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Count and sum of movements by a column that was given, the largest sum first, at most MOST."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row[name] is not None:
            found.setdefault(row[name], []).append(row["amount_minor"])
    groups = [{"name": key, "count": len(each), "sum": money(sum(each))} for key, each in found.items()]
    return sorted(groups, key=lambda group: (-group["sum"], group["name"]))[:MOST]
