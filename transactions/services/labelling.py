"""Recording what became known about events."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from transactions.models import Label, Transaction, Verdict

Name = tuple[int, str]  # client and transaction_id: what all versions of an event share


@transaction.atomic
def record_labels(
    transaction_ids: Collection[int],
    *,
    verdict: str,
    source: str,
    known_at: datetime,
    reason: str = "",
    recorded_by: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """Add a verdict to each event, unless its newest label says the same; returns how many were added.

    A verdict is about the event, whichever of its versions was named: it is added to the current
    one. A correction adds a row that takes the earlier one back; nothing is overwritten.
    """
    events = _current_versions(transaction_ids)
    newest, standing = _said_so_far(events)
    fresh = [name for name in events if not _says(newest.get(name), verdict, source, reason)]
    Label.objects.bulk_create(
        Label(
            transaction=events[name],
            verdict=verdict,
            source=source,
            reason=reason,
            occurred_at=occurred_at,
            known_at=known_at,
            recorded_by=recorded_by,
            fraud_delta=int(verdict == Verdict.FRAUD) - standing.get(name, 0),
            receiver_key=events[name].receiver_key,
            device_key=events[name].device_key,
            ip_key=events[name].ip_key,
            merchant_key=events[name].merchant_key,
        )
        for name in fresh
    )
    return len(fresh)


def _current_versions(transaction_ids: Collection[int]) -> dict[Name, Transaction]:
    """The current versions of events, held in the order of their ids."""
    named = Transaction.objects.filter(pk__in=transaction_ids).values_list("client_id", "transaction_id")
    wanted = set(named)
    current = Transaction.objects.select_for_update().filter(
        superseded_by__isnull=True,
        client_id__in={client_id for client_id, _ in wanted},
        transaction_id__in={name for _, name in wanted},
    )
    return {_name(event): event for event in current.order_by("pk") if _name(event) in wanted}


def _said_so_far(events: dict[Name, Transaction]) -> tuple[dict[Name, Label], dict[Name, int]]:
    """The newest label and the sum of deltas of each event, over all its versions."""
    names = {name for _, name in events}
    labels = Label.objects.filter(transaction__transaction_id__in=names).select_related("transaction")
    newest = {_name(label.transaction): label for label in labels.order_by("id")}
    sums = labels.order_by().values_list("transaction__client_id", "transaction__transaction_id")
    return newest, {(client, name): total for client, name, total in sums.annotate(Sum("fraud_delta"))}


def _name(event: Transaction) -> Name:
    return event.client_id, event.transaction_id


def _says(label: Label | None, verdict: str, source: str, reason: str) -> bool:
    return label is not None and (label.verdict, label.source, label.reason) == (verdict, source, reason)
