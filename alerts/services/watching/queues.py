"""What waits to be told or done, and for how long."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from alerts.models import DeliveryState, NotificationDelivery, OutboxMessage, WebhookDelivery
from alerts.services.watching.finding import Finding

LATE = timedelta(minutes=15)


def outbox(now: datetime) -> Iterator[Finding]:
    """Messages that were not relayed, and deliveries long due that nobody tried."""
    limit = settings.ALERT_QUEUE_THRESHOLD
    fresh = OutboxMessage.objects.filter(relayed_at__isnull=True)
    waiting = fresh[: limit + 1].count()
    oldest = fresh.order_by("id").values_list("created_at", flat=True).first()
    late = oldest is not None and now - oldest > LATE
    age = f", the oldest for {round((now - oldest).total_seconds() / 60)} minutes" if oldest else ""
    figures = (
        f"{waiting:,} messages wait in the outbox{age}; threshold {limit:,} or {LATE.seconds // 60} minutes"
    )
    yield Finding("queue.outbox", figures if waiting > limit or late else "", figures)
    yield _overdue(now)


def _overdue(now: datetime) -> Finding:
    found = {
        "webhooks": WebhookDelivery.objects.filter(
            state=DeliveryState.PENDING, next_attempt_at__lt=now - LATE, endpoint__active=True
        ).exclude(endpoint__paused_until__gt=now),
        "notifications": NotificationDelivery.objects.filter(
            state__in=("gathering", "pending"), next_attempt_at__lt=now - LATE
        ),
    }
    counts = {name: rows[:10_000].count() for name, rows in found.items()}
    figures = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    figures = f"Overdue by more than {LATE.seconds // 60} minutes: {figures}"
    return Finding("queue.deliveries", figures if any(counts.values()) else "", figures)


def tasks() -> Iterator[Finding]:
    """Messages in the queues of Celery; nothing is said while the broker is away, see `processes`."""
    try:
        lengths = queue_lengths()
    except (OperationalError, OSError):
        return
    limit = settings.ALERT_QUEUE_THRESHOLD
    figures = "Tasks waiting: " + ", ".join(f"{name} {n:,}" for name, n in lengths.items())
    figures += f"; threshold {limit:,}"
    yield Finding("queue.tasks", figures if max(lengths.values()) > limit else "", figures)


def queue_lengths() -> dict[str, int]:
    """Tasks waiting by queue; raises kombu's OperationalError or OSError while the broker is away."""
    return {name: _length(name) for name in settings.QUEUES}


def _length(queue: str) -> int:
    with current_app.connection_for_write(connect_timeout=2) as broker, broker.channel() as channel:
        try:
            return channel.queue_declare(queue=queue, passive=True).message_count
        except broker.channel_errors:
            return 0  # nobody has used it yet
