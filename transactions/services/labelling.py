"""Recording what became known about events."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from transactions.models import Label, Transaction, Verdict


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

    A correction adds a row that takes the earlier one back; nothing is overwritten.
    """
    events = Transaction.objects.select_for_update().filter(pk__in=transaction_ids).order_by("pk")
    events = {event.pk: event for event in events}
    labels = Label.objects.filter(transaction_id__in=events)
    newest = {label.transaction_id: label for label in labels.order_by("id")}
    standing = dict(labels.order_by().values_list("transaction_id").annotate(Sum("fraud_delta")))
    fresh = [pk for pk in events if not _says(newest.get(pk), verdict, source, reason)]
    Label.objects.bulk_create(
        Label(
            transaction_id=pk,
            verdict=verdict,
            source=source,
            reason=reason,
            occurred_at=occurred_at,
            known_at=known_at,
            recorded_by=recorded_by,
            fraud_delta=int(verdict == Verdict.FRAUD) - standing.get(pk, 0),
            receiver_key=events[pk].receiver_key,
            device_key=events[pk].device_key,
            ip_key=events[pk].ip_key,
            merchant_key=events[pk].merchant_key,
        )
        for pk in fresh
    )
    return len(fresh)


def _says(label: Label | None, verdict: str, source: str, reason: str) -> bool:
    return label is not None and (label.verdict, label.source, label.reason) == (verdict, source, reason)
