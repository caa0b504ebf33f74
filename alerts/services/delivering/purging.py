"""Forgetting what was delivered or given up long ago, in batches."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from alerts.models import (
    DeliveryState,
    Notification,
    NotificationDelivery,
    OutboxMessage,
    StreamDelivery,
    WebhookDelivery,
)

BATCH = 5_000
DONE = (DeliveryState.DELIVERED, DeliveryState.DEAD)


def purge_deliveries(now: datetime) -> int:
    """Delete rows that ended DELIVERY_RETENTION_DAYS ago; returns how many. What still waits is kept."""
    before = now - timedelta(days=settings.DELIVERY_RETENTION_DAYS)
    done = [
        WebhookDelivery.objects.filter(state__in=DONE, created_at__lt=before, next_attempt_at__lt=before),
        NotificationDelivery.objects.filter(
            state__in=DONE, created_at__lt=before, next_attempt_at__lt=before
        ),
        Notification.objects.filter(changed_at__lt=before, joining=False),
        _told(before),
    ]
    return sum(_delete(found) for found in done)


def _told(before: datetime):
    """Messages that everybody was told of; live pages may have been given up."""
    relayed = OutboxMessage.objects.filter(created_at__lt=before, relayed_at__isnull=False)
    ended = relayed.exclude(delivered_at__isnull=True, dead_reason="")
    to_stream = StreamDelivery.objects.filter(message=OuterRef("pk"))  # a stream that is away for weeks
    return ended.filter(~Exists(to_stream), webhook_deliveries__isnull=True)


def _delete(found) -> int:
    count = 0
    while ids := list(found.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        found.model.objects.filter(pk__in=ids).delete()
        count += len(ids)
    return count
