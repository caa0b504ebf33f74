"""Transactions of an account over weeks, decided in order by the aml engine."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fraud_detection.services.decisions import decide_payments
from users.services import client_system

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
Record = dict[str, Any]
_numbers = count(1)


def moved(days_ago: float, amount: Any, sender: str = "S", receiver: str = "R", **fields: Any) -> Record:
    """A transfer so many days before NOW."""
    at = NOW - timedelta(days=days_ago)
    own = {"transaction_id": f"T-{next(_numbers)}", "occurred_at": at.isoformat(), "amount": amount}
    return own | {"sender_id": sender, "receiver_id": receiver} | fields


def decided(records: Iterable[Record]) -> list[dict[str, Any]]:
    """The answers to transactions, in order of time; each must have been taken."""
    ordered = sorted(records, key=lambda record: record["occurred_at"])
    return [one.body for one in decide_payments(ordered, client=client_system("bank"), engine="aml")]


def hits_of(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    """The hits of the last transaction by rule."""
    return {hit["rule"]: hit for hit in decided(records)[-1]["alerts"]}


def metadata_of(rule: str, records: Iterable[Record]) -> dict[str, Any]:
    return hits_of(records)[rule]["metadata"]


def spares(rule: str, *histories: Iterable[Record]) -> None:
    """None of the histories, each of accounts of its own, ends with a hit of the rule."""
    for number, records in enumerate(histories):
        own = [record | _renamed(record, f"{number}-") for record in records]
        assert rule not in hits_of(own), (number, own)


def _renamed(record: Record, prefix: str) -> Record:
    names = ("sender_id", "receiver_id", "merchant_id")
    return {name: prefix + record[name] for name in names if name in record}
